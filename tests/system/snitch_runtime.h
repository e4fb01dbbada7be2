/* What the programs of the Snitch tests are written with. */
#include <stddef.h>
#include <stdint.h>

#define HARTS 9u
#define DMA_HART 8u
#define TCDM 0x10000000u
#define TCDM_END 0x10020000u
#define PERIPHERALS 0x10020000u
#define ZEROS 0x10030000u
#define COUNTER_ENABLE(i) (*(volatile uint32_t *)(PERIPHERALS + 8 * (i)))
#define COUNTER_HART(i) (*(volatile uint32_t *)(PERIPHERALS + 0x80 + 8 * (i)))
#define COUNTER(i) (*(volatile uint32_t *)(PERIPHERALS + 0x100 + 8 * (i)))
#define INTERRUPT_SET (*(volatile uint32_t *)(PERIPHERALS + 0x180))
#define INTERRUPT_CLEAR (*(volatile uint32_t *)(PERIPHERALS + 0x188))
#define CLUSTER_INTERRUPT (1u << 19)

int test(unsigned hart);
void print(const char *text);

static inline unsigned hart_number(void)
{
    unsigned hart;
    __asm__ volatile("csrr %0, mhartid" : "=r"(hart));
    return hart;
}

static inline void barrier(void)
{
    __asm__ volatile("csrr x0, 0x7c2" ::: "memory");
}

static inline void sleep(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

static inline void dma_from(uint32_t low, uint32_t high)
{
    __asm__ volatile(".insn r 0x2b, 0, 0, x0, %0, %1" ::"r"(low), "r"(high));
}

static inline void dma_to(uint32_t low, uint32_t high)
{
    __asm__ volatile(".insn r 0x2b, 0, 1, x0, %0, %1" ::"r"(low), "r"(high));
}

static inline uint32_t dma_copy(void *to, const void *from, uint32_t bytes)
{
    uint32_t number;
    dma_from((uint32_t)from, 0);
    dma_to((uint32_t)to, 0);
    __asm__ volatile(".insn r 0x2b, 0, 2, %0, %1, x0" : "=r"(number) : "r"(bytes) : "memory");
    return number;
}

static inline uint32_t dma_copy_rows(void *to, const void *from, uint32_t bytes, uint32_t to_stride,
                                     uint32_t from_stride, uint32_t rows)
{
    uint32_t number;
    dma_from((uint32_t)from, 0);
    dma_to((uint32_t)to, 0);
    __asm__ volatile(".insn r 0x2b, 0, 6, x0, %0, %1" ::"r"(from_stride), "r"(to_stride));
    __asm__ volatile(".insn r 0x2b, 0, 7, x0, %0, x0" ::"r"(rows));
    __asm__ volatile(".insn r 0x2b, 0, 3, %0, %1, %2"
                     : "=r"(number)
                     : "r"(bytes), "r"(2)
                     : "memory");
    return number;
}

#define DMA_STATUS(selector)                                                                       \
    ({                                                                                             \
        uint32_t status;                                                                           \
        __asm__ volatile(".insn r 0x2b, 0, 4, %0, x0, x" #selector : "=r"(status)::"memory");      \
        status;                                                                                    \
    })

static inline uint32_t dma_status(uint32_t selector)
{
    uint32_t status;
    __asm__ volatile(".insn r 0x2b, 0, 5, %0, x0, %1" : "=r"(status) : "r"(selector) : "memory");
    return status;
}

static inline void dma_wait(void)
{
    while (DMA_STATUS(2))
        ;
}
