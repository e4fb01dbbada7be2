/* The format of characters is changed while some are on the line. */
#include "drivers/uart16550.h"
#include "seeded.h"

void lead(void)
{
    uart_open(27);
    uart_write("hello", 5);
    VPLAT_UART->lcr = VPLAT_PUT(NS16550_LCR_WORD_LENGTH, 2); /* BUG */
    uart_drain();
    VPLAT_UART->lcr = VPLAT_PUT(NS16550_LCR_WORD_LENGTH, 3);
}
