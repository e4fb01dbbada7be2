/*
 * A start-up and an end as `snitch-ita-cluster.md` section 3 describes them: the DMA's hart fills
 * everybody's thread-local memory, clears what is to be zero, and all meet at barriers.
 */
#include "snitch_runtime.h"

extern char __tdata[], __tdata_end[], __tbss[], __tbss_end[], __bss[], __bss_end[];
extern char __cluster_bytes[], __thread_bytes[];

__attribute__((section(".htif"), aligned(64))) volatile uint64_t tohost;
__attribute__((section(".htif"), aligned(64))) volatile uint64_t fromhost;

__attribute__((section(".dram"))) static volatile uint64_t call[HARTS][8];
static volatile uint32_t exit_code;
/* Its place is at the end of the TCDM; here it only takes that much room. */
__attribute__((section(".cbss"), used)) static uint32_t shared_in_cluster[4];

void *memset(void *to, int value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((char *)to)[i] = value;
    return to;
}

static char *thread_memory(unsigned hart)
{
    uintptr_t top = TCDM_END - 8 - (uintptr_t)__cluster_bytes - hart * (1024 + 8);
    return (char *)((top - (uintptr_t)__thread_bytes) & ~(uintptr_t)15);
}

static void fill_thread_memory(void)
{
    size_t data = __tdata_end - __tdata, zeros = __tbss_end - __tbss;
    for (unsigned hart = 0; hart < HARTS; hart++) {
        if (data)
            dma_copy(thread_memory(hart), __tdata, data);
        if (zeros)
            dma_copy(thread_memory(hart) + data, (void *)ZEROS, zeros);
    }
    dma_wait();
}

static void clear(void)
{
    dma_copy(__bss, (void *)ZEROS, __bss_end - __bss);
    dma_copy((void *)(TCDM_END - (uintptr_t)__cluster_bytes), (void *)ZEROS,
             (size_t)__cluster_bytes);
    dma_wait();
}

void print(const char *text)
{
    static volatile uint32_t taken;
    volatile uint64_t *fields = call[hart_number()];
    size_t length = 0;
    while (text[length])
        length++;
    fields[0] = 64;
    fields[1] = 1;
    fields[2] = (uintptr_t)text;
    fields[3] = length;
    while (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
        ;
    tohost = (uintptr_t)fields;
    while (!fromhost)
        ;
    fromhost = 0;
    __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
}

void start_hart(unsigned hart)
{
    if (hart == DMA_HART)
        fill_thread_memory();
    barrier();
    if (hart == DMA_HART)
        clear();
    barrier();
    int code = test(hart);
    barrier();
    __atomic_fetch_add(&exit_code, code, __ATOMIC_RELAXED);
    barrier();
    if (hart == 0)
        *(volatile uint32_t *)&tohost = exit_code << 1 | 1;
    barrier();
}
