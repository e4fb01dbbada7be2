/* A word that is not aligned reaches into a buffer; one that only comes close does not. */
#include "seeded.h"

#define LENT 4094

static uint8_t there[BYTES] IN_L3_ZEROED;
static uint8_t here[BYTES + 8] IN_TCDM_ZEROED __attribute__((aligned(8)));

/* By no more than one load, wherever the word is. */
#define load_word(address) \
    __extension__({ \
        uint32_t word_; \
        __asm__ volatile("lw %0, 0(%1)" : "=r"(word_) : "r"(address)); \
        word_; \
    })

void lead(void)
{
    transfer_t transfer = start_load(here, there, LENT);

    load_word(here + LENT + 1);
    load_word(here + LENT - 1); /* BUG */
    finish(transfer);
}
