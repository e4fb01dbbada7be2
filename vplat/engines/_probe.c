/* The native probe: what the engine calls per block, per page and per device access, and the loop that
 * gives harts their turns. It calls Python only for a block it has never seen, for an instruction the
 * platform answers, and for a device access.
 *
 * Unicorn is reached through the addresses of its functions, taken at run time from the library that the
 * Python binding has loaded: nothing of it is needed to build this file.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HOOK_CODE = 1 << 2, HOOK_BLOCK = 1 << 3, HOOK_TLB_FILL = 1 << 17 };
enum { REGISTER_PC = 190, REGISTER_X0 = 1 };
/* ra, sp, t0 and s0: what call frames are found by. */
static const int FRAME_REGISTERS[4] = {REGISTER_X0 + 1, REGISTER_X0 + 2, REGISTER_X0 + 5, REGISTER_X0 + 8};
/* No instruction can begin here, so the engine never stops by itself. */
#define STOP_ADDRESS UINT64_C(0xFFFFFFFF)
enum { PAGE_SHIFT = 12, PAGE_MASK = (1 << PAGE_SHIFT) - 1 };
enum { MAX_WATCHED = 256, MAX_MEMORIES = 64 };
/* What of a watched page goes elsewhere. */
enum { WATCH_LOADS = 1, WATCH_STORES = 2 };

/* Columns of a hart's row; machine/rows.py names the same columns. */
enum { CYCLES, LIMIT, INSTRUCTIONS, BLOCK, PC, NEXT_PC, RUNNABLE, ATTENTION, ERROR, TURNS, ADDRESS,
       SAMPLE, HELD, STEP, HOLD_AT, ACCESSES, UNIT_CYCLES, WAIT, WAITED, STALLED, ROUND_ACCESSES,
       ROUND_UNIT_CYCLES, COLUMNS = 24 };
/* Waits are counted in parts of a cycle. */
enum { FRACTION_BITS = 16 };
#define ONE_CYCLE (INT64_C(1) << FRACTION_BITS)
/* Values of HELD and of STEP; machine/rows.py says what they mean. */
enum { NOT_HELD, HELD_AT_ENTRY, HELD_INSIDE };
enum { NO_STEP, STEP_STOPS, STEP_ENTERS };
/* Columns of the scheduler's row. */
enum { NOW, DUE, HORIZON, POSITION, RETURN_AT, BANKS, UNIT_FREE_AT, SCHEDULER_COLUMNS = 8 };
/* The cycle that no run reaches; machine/clock.py has the same. */
#define NEVER (INT64_C(1) << 62)
/* Why `run` came back. */
enum { REASON_DUE, REASON_EXIT, REASON_ATTENTION, REASON_SLICE, REASON_IDLE };

typedef int (*emu_start_t)(void *, uint64_t, uint64_t, uint64_t, size_t);
typedef int (*emu_stop_t)(void *);
typedef int (*hook_add_t)(void *, size_t *, int, void *, void *, uint64_t, uint64_t, ...);
typedef int (*hook_del_t)(void *, size_t);
typedef int (*reg_read_t)(void *, int, void *);
typedef uint64_t (*mmio_read_t)(void *, uint64_t, unsigned, void *);
typedef void (*mmio_write_t)(void *, uint64_t, unsigned, uint64_t, void *);
typedef int (*mmio_map_t)(void *, uint64_t, size_t, mmio_read_t, void *, mmio_write_t, void *);

typedef struct {
    uint64_t paddr;
    uint32_t perms;
} tlb_entry_t; /* uc_tlb_entry; perms: 1 = read, 2 = write, 4 = execute */
static const uint32_t PERM_READ = 1, PERM_WRITE = 2, PERM_EXEC = 4;
enum { ACCESS_READ = 16, ACCESS_WRITE = 17, ACCESS_FETCH = 18 };

typedef struct {
    uint32_t address, size;
    uint32_t cycles, instructions;
    uint32_t accesses, unit_cycles; /* of banked memory; of the unit that harts share */
    uint32_t generation;
    int32_t function;
    int32_t next; /* chain of blocks whose address hashes alike */
} block_t;

/* A block in a hart's own cache: found with one comparison, and counted in place. */
typedef struct {
    uint64_t key;  /* size << 32 | address; 0 when empty */
    uint64_t cost; /* instructions << 32 | cycles, added to `spent` in one go */
    uint64_t uses; /* unit cycles << 32 | accesses, added to `used` */
    uint64_t runs; /* not yet in the hart's counts */
    int32_t block;
    uint32_t falls; /* how many of its runs came from the code in front of it, not yet in the hart's */
} cached_t;
enum { CACHE_SIZE = 2048 };
/* Fewer than falls fit a number of the cache, at one a cycle. */
enum { GATHER_CYCLES = 1 << 30 };

/* A hart goes on in another function: at which cycle, and from which block to which. */
typedef struct {
    int64_t cycle, hart, from, to;
} step_t;
enum { STEPS_SIZE = 1 << 15 };

struct probe;
typedef struct {
    /* What the block callback touches. */
    uint64_t spent;    /* since the row was last settled: instructions << 32 | cycles */
    uint64_t used;     /* from the same moment: unit cycles << 32 | accesses */
    uint64_t allowed;  /* cycles until the limit, from the same moment */
    cached_t *current; /* the block that runs */
    cached_t *cache;
    /* What the rest needs. */
    struct probe *probe;
    void *engine;
    int64_t *row;
    uint64_t *counts; /* runs of each block */
    uint64_t *falls;        /* such runs of each block; NULL where nobody wants to know */
    uint32_t end;           /* where the block ends that ran last, if falls are counted */
    int64_t function, last; /* function and number of the block that ran last, if observed */
    cached_t charged; /* stands for the block inside which a held hart goes on */
    int64_t accesses, unit_cycles; /* in the round that is over */
    int index, at_limit;
} hart_t;

/* Where instructions can be fetched from. Stores go to `stores_to` where that is not zero. A byte of
 * `written` for each page becomes 1 when a hart stores there. */
typedef struct {
    uint64_t base, end, stores_to;
    PyObject *owner; /* of the buffer */
    uint8_t *written;
} memory_t;

/* A page whose loads or stores go to `place` in the engine's address space. */
typedef struct {
    uint64_t page, place;
    int what;
} watched_t;

typedef struct region {
    struct region *next;
    hart_t *hart;
    uint64_t base;
    uint64_t place; /* where it is mapped */
    int redirected; /* accesses to memory end up here */
} region_t;

/* A load or store that says before it executes where it is, and that it accesses what is at `offset`
 * from the register `base`, by the engine's number. */
typedef struct located {
    struct located *next;
    hart_t *hart;
    uint32_t address;
    int32_t offset;
    int base; /* -1: nothing is noted any more */
} located_t;

/* A float instruction that the platform carries out where an operand is a signalling NaN. */
typedef struct guard {
    struct guard *next;
    hart_t *hart;
    uint32_t address;
    size_t hook;
    int first, second; /* the engine's numbers of the operands */
    int is_double;
} guard_t;

typedef struct probe {
    PyObject_HEAD
    emu_start_t emu_start;
    emu_stop_t emu_stop;
    hook_add_t hook_add;
    reg_read_t reg_read;
    mmio_map_t mmio_map;
    hook_del_t hook_del;
    int harts_count;
    hart_t *harts;
    PyObject *rows_owner, *scheduler_owner; /* the buffers below, held */
    int64_t *scheduler;
    PyObject *on_block, *on_instruction, *on_reach, *on_load, *on_store;
    PyObject *on_pass, *on_steps; /* NULL where nobody wants to know */
    step_t *steps;
    int steps_count;
    int64_t gathered_at; /* the cycle up to which falls are certainly in the harts' */
    block_t *blocks;
    int32_t blocks_count, blocks_room;
    int32_t *heads; /* hash table of chains into blocks */
    uint32_t heads_mask;
    uint32_t generation;
    memory_t memories[MAX_MEMORIES];
    int memories_count;
    watched_t watched[MAX_WATCHED];
    int watched_count;
    uint64_t reserved, reserved_end; /* where such accesses go, in the engine's address space */
    region_t *regions;
    located_t *located;
    guard_t *guards;
    PyObject *error_type, *error_value, *error_trace; /* raised inside a callback */
} probe_t;

/* Out of line, so that the block callback saves no registers on its straight path. */
#if defined(__GNUC__)
#define RARELY __attribute__((noinline, cold))
#else
#define RARELY
#endif

static uint64_t key_of(uint32_t address, uint32_t size)
{
    return (uint64_t)size << 32 | address;
}

static cached_t *slot_of(const hart_t *hart, uint32_t address)
{
    return &hart->cache[(address >> 1) & (CACHE_SIZE - 1)];
}

static void run_block(hart_t *hart, cached_t *cached)
{
    hart->spent += cached->cost;
    hart->used += cached->uses;
    hart->current = cached;
    cached->runs++;
}

/* Before Python looks: the row says what is true now. */
static void settle(hart_t *hart)
{
    int64_t *row = hart->row;
    row[CYCLES] += (int64_t)(hart->spent & 0xFFFFFFFF);
    row[INSTRUCTIONS] += (int64_t)(hart->spent >> 32);
    row[ACCESSES] += (int64_t)(hart->used & 0xFFFFFFFF);
    row[UNIT_CYCLES] += (int64_t)(hart->used >> 32);
    if (hart->current != NULL)
        row[BLOCK] = hart->current->block;
    hart->spent = hart->used = 0;
}

/* Lets a hart stand still for so many parts of a cycle. */
static void stall(int64_t *row, int64_t parts)
{
    int64_t before = row[STALLED] >> FRACTION_BITS;
    row[STALLED] += parts;
    row[CYCLES] += (row[STALLED] >> FRACTION_BITS) - before;
}

/* The accesses since this was last said have waited for ports that hold banks. */
static void wait_for_banks(int64_t *row)
{
    int64_t accesses = row[ACCESSES] - row[WAITED];
    if (accesses <= 0)
        return; /* what a hart did not run of a block has been taken back */
    row[WAITED] = row[ACCESSES];
    stall(row, accesses * row[WAIT]);
}

/* Before Python serves an access to a device. One to memory that somebody watches changes nothing. */
static void settle_access(const region_t *region)
{
    settle(region->hart);
    if (!region->redirected)
        wait_for_banks(region->hart->row);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* After Python may have changed the row. */
static void resume(hart_t *hart)
{
    const int64_t *row = hart->row;
    int64_t left = (row[HOLD_AT] == 0 ? row[LIMIT] : least(row[LIMIT], row[HOLD_AT])) - row[CYCLES];
    if (row[SAMPLE] != 0)
        left = least(left, row[SAMPLE] - row[CYCLES]);
    if (row[STEP] != NO_STEP || row[HELD] == HELD_INSIDE)
        left = 0; /* the next block is not entered unseen */
    hart->allowed = left <= 0 ? 0 : left > INT32_MAX ? INT32_MAX : (uint64_t)left;
}

static void keep_error(hart_t *hart)
{
    probe_t *probe = hart->probe;
    if (probe->error_type == NULL)
        PyErr_Fetch(&probe->error_type, &probe->error_value, &probe->error_trace);
    else
        PyErr_Clear();
    probe->emu_stop(hart->engine);
}

static uint32_t hash_address(const probe_t *probe, uint32_t address)
{
    return ((address >> 1) ^ (address >> 13)) & probe->heads_mask;
}

static block_t *find_block(probe_t *probe, uint32_t address, uint32_t size)
{
    int32_t index = probe->heads[hash_address(probe, address)];
    while (index >= 0) {
        block_t *block = &probe->blocks[index];
        if (block->address == address && block->size == size)
            return block;
        index = block->next;
    }
    return NULL;
}

static void evict(hart_t *hart, cached_t *cached)
{
    if (cached->key != 0) {
        hart->counts[cached->block] += cached->runs;
        if (hart->falls != NULL)
            hart->falls[cached->block] += cached->falls;
    }
    cached->key = cached->runs = 0;
    cached->falls = 0;
}

static cached_t *cache_block(hart_t *hart, const block_t *block)
{
    cached_t *cached = slot_of(hart, block->address);
    evict(hart, cached);
    cached->key = key_of(block->address, block->size);
    cached->cost = (uint64_t)block->instructions << 32 | block->cycles;
    cached->uses = (uint64_t)block->unit_cycles << 32 | block->accesses;
    cached->block = block - hart->probe->blocks;
    return cached;
}

/* A block this hart has not in its cache. One never seen, or seen before code changed, is decoded by
 * Python, which says whether it may run now or must be entered again. */
static RARELY void meet_block(hart_t *hart, uint32_t address, uint32_t size)
{
    probe_t *probe = hart->probe;
    block_t *block = find_block(probe, address, size);
    if (block == NULL || block->generation != probe->generation) {
        settle(hart);
        PyObject *answer =
            PyObject_CallFunction(probe->on_block, "iII", hart->index, (unsigned)address, (unsigned)size);
        resume(hart);
        if (answer == NULL) {
            keep_error(hart);
            return;
        }
        int run = PyObject_IsTrue(answer);
        Py_DECREF(answer);
        block = run ? find_block(probe, address, size) : NULL;
    }
    if (block != NULL)
        run_block(hart, cache_block(hart, block));
    else
        probe->emu_stop(hart->engine);
}

/* Whether that was all that the next block had to wait for. */
static int passes(hart_t *hart, uint32_t address)
{
    int64_t *row = hart->row;
    settle(hart);
    if (row[SAMPLE] == 0 || row[CYCLES] < row[SAMPLE] || row[CYCLES] >= row[LIMIT])
        return 0;
    row[SAMPLE] = 0;
    if (hart->probe->on_pass != NULL) {
        uint32_t values[4] = {0};
        for (int i = 0; i < 4; i++)
            hart->probe->reg_read(hart->engine, FRAME_REGISTERS[i], &values[i]);
        PyObject *answer =
            PyObject_CallFunction(hart->probe->on_pass, "iIIIII", hart->index, (unsigned)address,
                                  values[0], values[1], values[2], values[3]);
        if (answer == NULL)
            keep_error(hart);
        Py_XDECREF(answer);
    }
    resume(hart);
    return hart->allowed > 0;
}

/* No cycles are left, or a debugger or a sampler is at work: whether the next block is entered and
 * charged. */
static RARELY int looks_before_block(hart_t *hart, uint32_t address)
{
    if (hart->row[HELD] != HELD_INSIDE && passes(hart, address))
        return 1;
    int64_t *row = hart->row;
    int steps = row[STEP] != NO_STEP;
    if (row[HELD] == HELD_INSIDE) { /* it was charged when the hart entered it, before it was held */
        row[HELD] = NOT_HELD;
        row[STEP] = steps ? STEP_STOPS : NO_STEP;
        resume(hart);
        return 0;
    }
    settle(hart);
    if (row[STEP] == STEP_STOPS || (row[HOLD_AT] != 0 && row[CYCLES] >= row[HOLD_AT])) {
        row[STEP] = NO_STEP;
        row[HOLD_AT] = 0;
        row[HELD] = HELD_AT_ENTRY;
    } else if (steps && row[CYCLES] < row[LIMIT]) {
        row[STEP] = STEP_STOPS;
        resume(hart);
        return 1;
    } else {
        hart->at_limit = 1;
    }
    hart->probe->emu_stop(hart->engine);
    return 0;
}

/* Callbacks from the engine. */

static void enter_block(hart_t *hart, uint32_t address, uint32_t size)
{
    cached_t *cached = slot_of(hart, address);
    if (cached->key == key_of(address, size))
        run_block(hart, cached);
    else
        meet_block(hart, address, size);
}

/* Apart from `block_entered`, which so has nothing to save across a call. */
static RARELY void look_and_enter_block(hart_t *hart, uint32_t address, uint32_t size)
{
    if (looks_before_block(hart, address))
        enter_block(hart, address, size);
}

static void block_entered(void *engine, uint64_t address, uint32_t size, void *user)
{
    hart_t *hart = user;
    (void)engine;
    if ((hart->spent & 0xFFFFFFFF) >= hart->allowed)
        look_and_enter_block(hart, (uint32_t)address, size);
    else
        enter_block(hart, (uint32_t)address, size);
}

/* In place of `block_entered` where somebody wants to know whether branches are taken. */
static void counted_block_entered(void *engine, uint64_t address, uint32_t size, void *user)
{
    hart_t *hart = user;
    uint64_t key = key_of((uint32_t)address, size);
    (void)engine;
    if ((hart->spent & 0xFFFFFFFF) >= hart->allowed &&
        !looks_before_block(hart, (uint32_t)address))
        return;
    cached_t *cached = slot_of(hart, (uint32_t)address);
    if (cached->key == key)
        run_block(hart, cached);
    else
        meet_block(hart, (uint32_t)address, size);
    if (cached->key != key)
        return; /* it is not run now */
    cached->falls += hart->end == (uint32_t)address;
    hart->end = (uint32_t)address + size;
}

/* Before the numbers in the caches overflow. */
static void gather_falls(hart_t *hart)
{
    for (int i = 0; i < CACHE_SIZE; i++) {
        cached_t *cached = &hart->cache[i];
        if (cached->key != 0)
            hart->falls[cached->block] += cached->falls;
        cached->falls = 0;
    }
}

/* Hands over what has been noted; 0 if that raised. */
static int tell_steps(probe_t *probe)
{
    Py_ssize_t size = (Py_ssize_t)sizeof(step_t) * probe->steps_count;
    if (size == 0)
        return 1;
    probe->steps_count = 0;
    PyObject *answer = PyObject_CallFunction(probe->on_steps, "y#", (const char *)probe->steps, size);
    Py_XDECREF(answer);
    return answer != NULL;
}

static RARELY void note_step(hart_t *hart, int64_t cycle, int64_t to)
{
    probe_t *probe = hart->probe;
    probe->steps[probe->steps_count++] = (step_t){cycle, hart->index, hart->last, to};
    if (probe->steps_count == STEPS_SIZE && !tell_steps(probe))
        keep_error(hart);
}

/* In place of `block_entered` where somebody wants to know the functions. */
static void observed_block_entered(void *engine, uint64_t address, uint32_t size, void *user)
{
    hart_t *hart = user;
    probe_t *probe = hart->probe;
    int64_t done = hart->row[INSTRUCTIONS] + (int64_t)(hart->spent >> 32);
    (hart->falls != NULL ? counted_block_entered : block_entered)(engine, address, size, user);
    if (hart->row[INSTRUCTIONS] + (int64_t)(hart->spent >> 32) == done)
        return; /* it is not run now, or it is the rest of one */
    int64_t number = hart->current->block;
    const block_t *block = &probe->blocks[number];
    if (hart->function != block->function) {
        hart->function = block->function;
        note_step(hart, hart->row[CYCLES] + (int64_t)(uint32_t)hart->spent - block->cycles, number);
    }
    hart->last = number;
}

static void instruction_located(void *engine, uint64_t address, uint32_t size, void *user)
{
    const located_t *located = user;
    int64_t *row = located->hart->row;
    uint32_t base = 0;
    (void)size;
    if (located->base < 0)
        return;
    located->hart->probe->reg_read(engine, located->base, &base);
    row[PC] = (int64_t)address;
    row[ADDRESS] = base + (uint32_t)located->offset;
}

static void instruction_answered(void *engine, uint64_t address, uint32_t size, void *user)
{
    hart_t *hart = user;
    (void)engine;
    (void)size;
    hart->row[PC] = (int64_t)address;
    settle(hart);
    wait_for_banks(hart->row);
    PyObject *answer =
        PyObject_CallFunction(hart->probe->on_instruction, "iI", hart->index, (unsigned)address);
    resume(hart);
    if (answer == NULL)
        keep_error(hart);
    else
        Py_DECREF(answer);
}

/* Somebody waits for the hart there; Python says whether it stops in front of the instruction. */
static void instruction_reached(void *engine, uint64_t address, uint32_t size, void *user)
{
    hart_t *hart = user;
    int64_t before = hart->row[PC];
    (void)size;
    hart->row[PC] = (int64_t)address;
    settle(hart);
    PyObject *answer =
        PyObject_CallFunction(hart->probe->on_reach, "iI", hart->index, (unsigned)address);
    hart->row[PC] = before;
    resume(hart);
    if (answer == NULL) {
        keep_error(hart);
        return;
    }
    if (PyObject_IsTrue(answer) > 0) {
        hart->row[HELD] = HELD_INSIDE;
        hart->probe->emu_stop(engine);
    }
    Py_DECREF(answer);
}

static int is_signalling(const guard_t *guard, int number)
{
    uint64_t bits = 0;
    guard->hart->probe->reg_read(guard->hart->engine, number, &bits);
    if (guard->is_double)
        return (bits << 1) > UINT64_C(0xFFE0000000000000) && !(bits >> 51 & 1);
    return (uint32_t)(bits << 1) > UINT32_C(0xFF000000) && !(bits >> 22 & 1);
}

static void instruction_guarded(void *engine, uint64_t address, uint32_t size, void *user)
{
    const guard_t *guard = user;
    if (is_signalling(guard, guard->first) || is_signalling(guard, guard->second))
        instruction_answered(engine, address, size, guard->hart);
}

static const memory_t *memory_at(const probe_t *probe, uint64_t address)
{
    for (int i = 0; i < probe->memories_count; i++)
        if (address >= probe->memories[i].base && address < probe->memories[i].end)
            return &probe->memories[i];
    return NULL;
}

/* Refuses a fetch from where there is no memory; loads and stores there are device accesses. */
static int page_missing(void *engine, uint64_t address, int kind, void *result, void *user)
{
    tlb_entry_t *entry = result;
    hart_t *hart = user;
    probe_t *probe = hart->probe;
    uint64_t page = address & ~(uint64_t)PAGE_MASK;
    const memory_t *memory = memory_at(probe, page);
    (void)engine;
    entry->paddr = page;
    entry->perms = kind == ACCESS_FETCH ? PERM_READ | PERM_EXEC : PERM_READ | PERM_WRITE;
    if (page >= probe->reserved && page < probe->reserved_end)
        entry->paddr = probe->reserved - ((uint64_t)1 << PAGE_SHIFT); /* nothing is there for harts */
    if (memory == NULL) /* the engine itself looks up the page of the address to stop at */
        return kind != ACCESS_FETCH || page == (STOP_ADDRESS & ~(uint64_t)PAGE_MASK);
    if (kind == ACCESS_WRITE && memory->written != NULL)
        memory->written[(page - memory->base) >> PAGE_SHIFT] = 1;
    uint64_t loads = page;
    uint64_t stores = memory->stores_to == 0 ? page : memory->stores_to + (page - memory->base);
    for (int i = 0; i < probe->watched_count; i++)
        if (probe->watched[i].page == page) {
            loads = probe->watched[i].what & WATCH_LOADS ? probe->watched[i].place : loads;
            stores = probe->watched[i].what & WATCH_STORES ? probe->watched[i].place : stores;
        }
    if (kind == ACCESS_FETCH) {
        entry->perms = loads == page ? PERM_READ | PERM_EXEC : PERM_EXEC;
    } else {
        entry->paddr = kind == ACCESS_WRITE ? stores : loads;
        /* A load does not allow stores, so that the first store to the page comes here. */
        entry->perms = kind != ACCESS_WRITE ? PERM_READ : loads == stores ? PERM_READ | PERM_WRITE : PERM_WRITE;
    }
    return 1;
}

/* Calls `function` with up to four numbers, which it takes over; NULL with an exception on failure. */
static PyObject *call(PyObject *function, PyObject **numbers, int count)
{
    PyObject *answer = NULL;
    int made = 1;
    for (int i = 0; i < count; i++)
        made = made && numbers[i] != NULL;
    if (made)
        answer = PyObject_CallFunctionObjArgs(function, numbers[0], numbers[1], numbers[2],
                                              count > 3 ? numbers[3] : NULL, NULL);
    for (int i = 0; i < count; i++)
        Py_XDECREF(numbers[i]);
    return answer;
}

static uint64_t device_read(void *engine, uint64_t offset, unsigned size, void *user)
{
    region_t *region = user;
    hart_t *hart = region->hart;
    (void)engine;
    settle_access(region);
    PyObject *arguments[3] = {PyLong_FromLong(hart->index),
                              PyLong_FromUnsignedLong((unsigned long)(region->base + offset)),
                              PyLong_FromUnsignedLong(size)};
    PyObject *answer = call(hart->probe->on_load, arguments, 3);
    resume(hart);
    if (answer == NULL) {
        keep_error(hart);
        return 0;
    }
    uint64_t value = PyLong_AsUnsignedLongLongMask(answer);
    Py_DECREF(answer);
    return value;
}

static void device_write(void *engine, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    region_t *region = user;
    hart_t *hart = region->hart;
    (void)engine;
    settle_access(region);
    PyObject *arguments[4] = {PyLong_FromLong(hart->index),
                              PyLong_FromUnsignedLong((unsigned long)(region->base + offset)),
                              PyLong_FromUnsignedLong(size), PyLong_FromUnsignedLongLong(value)};
    PyObject *answer = call(hart->probe->on_store, arguments, 4);
    resume(hart);
    if (answer == NULL)
        keep_error(hart);
    else
        Py_DECREF(answer);
}

/* Turns. */

static int take_turn(hart_t *hart, int64_t limit)
{
    probe_t *probe = hart->probe;
    uint32_t pc = 0;
    if (hart->row[HELD] == NOT_HELD) {
        hart->row[LIMIT] = limit;
        hart->row[TURNS]++;
    } else { /* the turn in which it was held goes on */
        hart->row[LIMIT] = least(hart->row[LIMIT], limit);
        hart->charged.block = hart->row[BLOCK];
        hart->current = &hart->charged;
        if (hart->row[HELD] == HELD_AT_ENTRY)
            hart->row[HELD] = NOT_HELD;
    }
    hart->at_limit = 0;
    resume(hart);
    int error = probe->emu_start(hart->engine, (uint64_t)hart->row[NEXT_PC], STOP_ADDRESS, 0, 0);
    probe->reg_read(hart->engine, REGISTER_PC, &pc);
    settle(hart);
    hart->row[NEXT_PC] = pc;
    hart->row[ERROR] = error;
    return error == 0 && hart->at_limit;
}

/* How much of a count is new in this round. */
static int64_t taken(int64_t *row, int counted, int seen)
{
    int64_t amount = row[counted] - row[seen];
    if (amount <= 0)
        return 0;
    row[seen] = row[counted];
    return amount;
}

/* Parts of a cycle that one request waits for those of others, of which `capacity` could be served: half
 * the odds that one of them is there in the same cycle. */
static int64_t meeting_wait(int64_t others, int64_t capacity, int64_t most)
{
    return least((others << FRACTION_BITS) / (2 * capacity), most);
}

/* A round that began at `from` is over: harts have stood in each other's way at the banks, and at the
 * unit they share, which serves one request a cycle. docs/timing.md explains the figures. */
static void settle_round(probe_t *probe, int64_t from)
{
    int64_t *scheduler = probe->scheduler;
    int64_t accesses = 0, unit_cycles = 0, most = 0, latest = from + 1;
    int accessing = 0, using = 0;
    for (int i = 0; i < probe->harts_count; i++) {
        hart_t *hart = &probe->harts[i];
        int64_t *row = hart->row;
        wait_for_banks(row);
        hart->accesses = taken(row, ACCESSES, ROUND_ACCESSES);
        hart->unit_cycles = taken(row, UNIT_CYCLES, ROUND_UNIT_CYCLES);
        accessing += hart->accesses > 0;
        using += hart->unit_cycles > 0;
        accesses += hart->accesses;
        unit_cycles += hart->unit_cycles;
        most = hart->unit_cycles > most ? hart->unit_cycles : most;
        if (hart->accesses + hart->unit_cycles > 0 && row[CYCLES] > latest)
            latest = row[CYCLES];
    }
    int64_t banks = scheduler[BANKS];
    int64_t begin = scheduler[UNIT_FREE_AT] > from ? scheduler[UNIT_FREE_AT] : from;
    int64_t free_at = begin + unit_cycles;
    int alone = using == 1 && begin == from; /* it waits for nobody, whatever was counted */
    if (alone)
        free_at = least(free_at, latest);
    if (using > 0)
        scheduler[UNIT_FREE_AT] = free_at;
    for (int i = 0; i < probe->harts_count; i++) {
        hart_t *hart = &probe->harts[i];
        int64_t parts = 0;
        if (accessing > 1 && banks > 1)
            parts = hart->accesses * meeting_wait(accesses - hart->accesses, banks * (latest - from),
                                                  (accessing - 1) * ONE_CYCLE / banks);
        if (!alone && hart->unit_cycles > 0) {
            int64_t behind = free_at - hart->row[CYCLES];
            int64_t late = behind <= 0 ? 0 : (behind * hart->unit_cycles / most) << FRACTION_BITS;
            int64_t met = hart->unit_cycles * meeting_wait(unit_cycles - hart->unit_cycles,
                                                           latest - from, ONE_CYCLE / 2);
            parts += late > met ? late : met;
        }
        if (parts > 0)
            stall(hart->row, parts);
    }
}

/* Harts take turns up to a horizon no later than the next due event, over and over, until Python is
 * needed. Returns (reason, hart). */
static PyObject *probe_run(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int64_t *scheduler = probe->scheduler;
    long long quantum, solo;
    if (!PyArg_ParseTuple(arguments, "LL", &quantum, &solo))
        return NULL;
    if (llabs(scheduler[NOW] - probe->gathered_at) > GATHER_CYCLES) {
        for (int i = 0; i < probe->harts_count; i++)
            if (probe->harts[i].falls != NULL)
                gather_falls(&probe->harts[i]);
        probe->gathered_at = scheduler[NOW];
    }
    for (;;) {
        while (scheduler[POSITION] < probe->harts_count) {
            hart_t *hart = &probe->harts[scheduler[POSITION]];
            int64_t *row = hart->row;
            if (!row[RUNNABLE]) {
                scheduler[POSITION]++;
                continue;
            }
            int inside = row[HELD] == HELD_INSIDE; /* a block is finished first, as it would have been */
            if (row[ATTENTION] && !inside)
                return Py_BuildValue("ii", REASON_ATTENTION, hart->index);
            int64_t limit = least(scheduler[HORIZON], scheduler[DUE]);
            if (row[CYCLES] >= limit && !inside) {
                scheduler[POSITION]++;
                continue;
            }
            int done = take_turn(hart, limit);
            if (probe->error_type != NULL) {
                PyErr_Restore(probe->error_type, probe->error_value, probe->error_trace);
                probe->error_type = probe->error_value = probe->error_trace = NULL;
                return NULL;
            }
            if (!done)
                return Py_BuildValue("ii", REASON_EXIT, hart->index);
        }
        int64_t reached = least(scheduler[HORIZON], scheduler[DUE]);
        int awake = 0;
        int64_t earliest = INT64_MAX, latest = 0;
        for (int i = 0; i < probe->harts_count; i++) {
            int64_t cycles = probe->harts[i].row[CYCLES];
            latest = cycles > latest ? cycles : latest;
            if (probe->harts[i].row[RUNNABLE]) {
                awake++;
                earliest = least(earliest, cycles);
            }
        }
        if (awake == 0) /* time has come as far as the last of them did */
            reached = least(reached, latest);
        scheduler[POSITION] = 0;
        if (earliest < reached)
            continue; /* a hart was woken after its turn: the round is not over for it */
        settle_round(probe, scheduler[NOW]);
        earliest = INT64_MAX; /* harts may have waited: where a slice ends must not make a difference */
        for (int i = 0; i < probe->harts_count; i++)
            if (probe->harts[i].row[RUNNABLE])
                earliest = least(earliest, probe->harts[i].row[CYCLES]);
        if (reached > scheduler[NOW])
            scheduler[NOW] = reached;
        if (scheduler[NOW] >= scheduler[DUE]) {
            scheduler[HORIZON] = scheduler[NOW];
            return Py_BuildValue("ii", REASON_DUE, -1);
        }
        if (awake == 0 && scheduler[DUE] >= NEVER)
            return Py_BuildValue("ii", REASON_IDLE, -1);
        /* nobody has anything to do before that */
        earliest = least(least(earliest, scheduler[DUE]), scheduler[RETURN_AT]);
        if (earliest > scheduler[NOW])
            scheduler[NOW] = earliest;
        if (scheduler[NOW] >= scheduler[RETURN_AT]) {
            scheduler[HORIZON] = scheduler[NOW];
            return Py_BuildValue("ii", REASON_SLICE, -1);
        }
        if (scheduler[NOW] >= scheduler[DUE]) {
            scheduler[HORIZON] = scheduler[NOW];
            return Py_BuildValue("ii", REASON_DUE, -1);
        }
        scheduler[HORIZON] = scheduler[NOW] + (awake == 1 ? solo : quantum);
    }
}

/* What Python tells the probe. */

static int make_room(probe_t *probe)
{
    if (probe->blocks_count < probe->blocks_room)
        return 0;
    int32_t room = probe->blocks_room * 2;
    block_t *blocks = realloc(probe->blocks, sizeof(block_t) * (size_t)room);
    if (blocks == NULL)
        return -1;
    probe->blocks = blocks;
    for (int i = 0; i < probe->harts_count; i++) {
        uint64_t *counts = realloc(probe->harts[i].counts, sizeof(uint64_t) * (size_t)room);
        if (counts == NULL)
            return -1;
        memset(counts + probe->blocks_room, 0,
               sizeof(uint64_t) * (size_t)(room - probe->blocks_room));
        probe->harts[i].counts = counts;
        if (probe->harts[i].falls == NULL)
            continue;
        uint64_t *falls = realloc(probe->harts[i].falls, sizeof(uint64_t) * (size_t)room);
        if (falls == NULL)
            return -1;
        memset(falls + probe->blocks_room, 0,
               sizeof(uint64_t) * (size_t)(room - probe->blocks_room));
        probe->harts[i].falls = falls;
    }
    probe->blocks_room = room;
    return 0;
}

/* A new block goes to the front of its chain, so that it hides one whose code it replaces. */
static PyObject *probe_add_block(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int number, function = -1;
    unsigned address, size, cycles, instructions, accesses, unit_cycles;
    if (!PyArg_ParseTuple(arguments, "iIIIIII|i", &number, &address, &size, &cycles, &instructions,
                          &accesses, &unit_cycles, &function))
        return NULL;
    if (number < 0 || number > probe->blocks_count) {
        PyErr_SetString(PyExc_ValueError, "blocks are numbered in the order they are met");
        return NULL;
    }
    if (number == probe->blocks_count) {
        if (make_room(probe) < 0)
            return PyErr_NoMemory();
        block_t *block = &probe->blocks[probe->blocks_count];
        int32_t *head = &probe->heads[hash_address(probe, address)];
        block->address = address;
        block->size = size;
        block->cycles = cycles;
        block->instructions = instructions;
        block->accesses = accesses;
        block->unit_cycles = unit_cycles;
        block->function = function;
        block->next = *head;
        *head = probe->blocks_count++;
    }
    probe->blocks[number].generation = probe->generation;
    Py_RETURN_NONE;
}

static PyObject *probe_counts(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    if (!PyArg_ParseTuple(arguments, "i", &index))
        return NULL;
    hart_t *hart = &probe->harts[index];
    for (int i = 0; i < CACHE_SIZE; i++) {
        cached_t *cached = &hart->cache[i];
        if (cached->key != 0)
            hart->counts[cached->block] += cached->runs;
        cached->runs = 0;
    }
    return PyBytes_FromStringAndSize((const char *)hart->counts,
                                     (Py_ssize_t)sizeof(uint64_t) * probe->blocks_count);
}

/* keep_blocks(count): only the first so many blocks have been met. */
static PyObject *probe_keep_blocks(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int count;
    if (!PyArg_ParseTuple(arguments, "i", &count))
        return NULL;
    if (count < 0 || count > probe->blocks_count) {
        PyErr_SetString(PyExc_ValueError, "there are not so many blocks");
        return NULL;
    }
    for (int i = 0; i < probe->harts_count; i++) {
        hart_t *hart = &probe->harts[i];
        for (int j = 0; j < CACHE_SIZE; j++)
            evict(hart, &hart->cache[j]);
        hart->current = NULL;
        memset(hart->counts + count, 0, sizeof(uint64_t) * (size_t)(probe->blocks_room - count));
        if (hart->falls != NULL)
            memset(hart->falls + count, 0, sizeof(uint64_t) * (size_t)(probe->blocks_room - count));
        hart->function = -2;
        hart->last = -1;
    }
    /* Blocks come to the front of their chains, so the latest of all is the first of its own. */
    while (probe->blocks_count > count) {
        const block_t *block = &probe->blocks[--probe->blocks_count];
        probe->heads[hash_address(probe, block->address)] = block->next;
    }
    Py_RETURN_NONE;
}

/* set_counts(hart, counts): runs of each block, as `counts` gives them. */
static PyObject *probe_set_counts(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    const char *counts;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(arguments, "iy#", &index, &counts, &length))
        return NULL;
    if (index < 0 || index >= probe->harts_count ||
        length != (Py_ssize_t)sizeof(uint64_t) * probe->blocks_count) {
        PyErr_SetString(PyExc_ValueError, "a number for each block of a hart is needed");
        return NULL;
    }
    hart_t *hart = &probe->harts[index];
    for (int i = 0; i < CACHE_SIZE; i++)
        hart->cache[i].runs = 0;
    hart->current = NULL;
    memcpy(hart->counts, counts, (size_t)length);
    Py_RETURN_NONE;
}

/* observe(counts_falls, on_pass, on_steps): whether to count falls; whom to tell of passes, and of steps
 * from function to function if that is not None. To be said before harts are attached. */
static PyObject *probe_observe(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int counts_falls;
    PyObject *on_pass, *on_steps;
    if (!PyArg_ParseTuple(arguments, "pOO", &counts_falls, &on_pass, &on_steps))
        return NULL;
    for (int i = 0; counts_falls && i < probe->harts_count; i++) {
        probe->harts[i].falls = calloc((size_t)probe->blocks_room, sizeof(uint64_t));
        if (probe->harts[i].falls == NULL)
            return PyErr_NoMemory();
    }
    if (on_steps != Py_None && probe->steps == NULL) {
        probe->steps = malloc(sizeof(step_t) * STEPS_SIZE);
        if (probe->steps == NULL)
            return PyErr_NoMemory();
    }
    Py_XDECREF(probe->on_pass);
    Py_XDECREF(probe->on_steps);
    probe->on_pass = Py_NewRef(on_pass);
    probe->on_steps = on_steps == Py_None ? NULL : Py_NewRef(on_steps);
    Py_RETURN_NONE;
}

static PyObject *probe_falls(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    if (!PyArg_ParseTuple(arguments, "i", &index))
        return NULL;
    hart_t *hart = &probe->harts[index];
    if (hart->falls == NULL)
        return PyBytes_FromStringAndSize(NULL, 0);
    gather_falls(hart);
    return PyBytes_FromStringAndSize((const char *)hart->falls,
                                     (Py_ssize_t)sizeof(uint64_t) * probe->blocks_count);
}

static PyObject *probe_tell_steps(PyObject *self, PyObject *ignored)
{
    (void)ignored;
    if (!tell_steps((probe_t *)self))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *probe_forget(PyObject *self, PyObject *ignored)
{
    probe_t *probe = (probe_t *)self;
    (void)ignored;
    probe->generation++;
    for (int i = 0; i < probe->harts_count; i++)
        for (int j = 0; j < CACHE_SIZE; j++)
            evict(&probe->harts[i], &probe->harts[i].cache[j]);
    Py_RETURN_NONE;
}

static PyObject *check(int error)
{
    if (error != 0)
        return PyErr_Format(PyExc_RuntimeError, "the engine refused a request (error %d)", error);
    Py_RETURN_NONE;
}

/* attach(hart, engine handle): install the callbacks that every hart has. */
static PyObject *probe_attach(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    unsigned long long handle;
    size_t hook;
    if (!PyArg_ParseTuple(arguments, "iK", &index, &handle))
        return NULL;
    hart_t *hart = &probe->harts[index];
    hart->engine = (void *)(uintptr_t)handle;
    void *entered = probe->on_steps != NULL ? (void *)observed_block_entered
                    : hart->falls != NULL   ? (void *)counted_block_entered
                                            : (void *)block_entered;
    int error = probe->hook_add(hart->engine, &hook, HOOK_BLOCK, entered, hart, 1, 0);
    if (error == 0)
        error = probe->hook_add(hart->engine, &hook, HOOK_TLB_FILL, (void *)page_missing, hart, 1, 0);
    return check(error);
}

/* Hooks the instruction of (hart, address); the hook's handle. */
static PyObject *hook(PyObject *self, PyObject *arguments, void *callback)
{
    probe_t *probe = (probe_t *)self;
    int index;
    unsigned address;
    size_t handle;
    if (!PyArg_ParseTuple(arguments, "iI", &index, &address))
        return NULL;
    hart_t *hart = &probe->harts[index];
    int error = probe->hook_add(hart->engine, &handle, HOOK_CODE, callback, hart, (uint64_t)address,
                                (uint64_t)address);
    return error != 0 ? check(error) : PyLong_FromSize_t(handle);
}

/* hook_instruction(hart, address): let Python carry out the instruction there. */
static PyObject *probe_hook_instruction(PyObject *self, PyObject *arguments)
{
    return hook(self, arguments, (void *)instruction_answered);
}

/* hold_instruction(hart, address): ask Python before the instruction there is executed. A guard there
 * goes behind, since hooks are called in the order in which they came. */
static PyObject *probe_hold_instruction(PyObject *self, PyObject *arguments)
{
    PyObject *handle = hook(self, arguments, (void *)instruction_reached);
    probe_t *probe = (probe_t *)self;
    int index, error = 0;
    unsigned address;
    if (handle == NULL || !PyArg_ParseTuple(arguments, "iI", &index, &address))
        return NULL;
    for (guard_t *guard = probe->guards; guard != NULL && error == 0; guard = guard->next)
        if (guard->hart->index == index && guard->address == address) {
            error = probe->hook_del(guard->hart->engine, guard->hook);
            if (error == 0)
                error = probe->hook_add(guard->hart->engine, &guard->hook, HOOK_CODE,
                                        (void *)instruction_guarded, guard, (uint64_t)address,
                                        (uint64_t)address);
        }
    if (error == 0)
        return handle;
    Py_DECREF(handle);
    return check(error);
}

/* unhook(hart, handle): forget what hook_instruction or hold_instruction hooked. */
static PyObject *probe_unhook(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    Py_ssize_t handle;
    if (!PyArg_ParseTuple(arguments, "in", &index, &handle))
        return NULL;
    return check(probe->hook_del(probe->harts[index].engine, (size_t)handle));
}

/* locate_instruction(hart, address, base, offset): note the pc there, and what is accessed. Said again
 * for the same address it replaces what was said before; with base -1 nothing is noted any more. */
static PyObject *probe_locate_instruction(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index, base, offset, error = 0;
    unsigned address;
    size_t hook;
    if (!PyArg_ParseTuple(arguments, "iIii", &index, &address, &base, &offset))
        return NULL;
    hart_t *hart = &probe->harts[index];
    located_t *located = probe->located;
    while (located != NULL && !(located->hart == hart && located->address == address))
        located = located->next;
    if (located == NULL) {
        located = malloc(sizeof *located);
        if (located == NULL)
            return PyErr_NoMemory();
        located->hart = hart;
        located->address = address;
        located->next = probe->located;
        probe->located = located;
        error = probe->hook_add(hart->engine, &hook, HOOK_CODE, (void *)instruction_located, located,
                                (uint64_t)address, (uint64_t)address);
    }
    located->base = base;
    located->offset = offset;
    return check(error);
}

/* guard_instruction(hart, address, first, second, is_double): let Python carry the instruction there
 * out when one of the two float registers, by the engine's numbers, holds a signalling NaN. */
static PyObject *probe_guard_instruction(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index, first, second, is_double, error = 0;
    unsigned address;
    if (!PyArg_ParseTuple(arguments, "iIiip", &index, &address, &first, &second, &is_double))
        return NULL;
    hart_t *hart = &probe->harts[index];
    guard_t *guard = probe->guards;
    while (guard != NULL && !(guard->hart == hart && guard->address == address))
        guard = guard->next;
    if (guard == NULL) {
        guard = malloc(sizeof *guard);
        if (guard == NULL)
            return PyErr_NoMemory();
        guard->hart = hart;
        guard->address = address;
        guard->next = probe->guards;
        probe->guards = guard;
        error = probe->hook_add(hart->engine, &guard->hook, HOOK_CODE, (void *)instruction_guarded, guard,
                                (uint64_t)address, (uint64_t)address);
    }
    guard->first = first;
    guard->second = second;
    guard->is_double = is_double;
    return check(error);
}

static PyObject *probe_map_devices(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    unsigned long long base, size, answers_as;
    if (!PyArg_ParseTuple(arguments, "iKKK", &index, &base, &size, &answers_as))
        return NULL;
    region_t *region = malloc(sizeof *region);
    if (region == NULL)
        return PyErr_NoMemory();
    region->hart = &probe->harts[index];
    region->base = answers_as;
    region->place = base;
    region->redirected = answers_as != base;
    region->next = probe->regions;
    probe->regions = region;
    return check(probe->mmio_map(region->hart->engine, base, (size_t)size, device_read, region,
                                 device_write, region));
}

static int take_bytes(PyObject *owner, uint8_t **start, uint64_t needed)
{
    Py_buffer view;
    if (PyObject_GetBuffer(owner, &view, PyBUF_WRITABLE) < 0)
        return -1;
    *start = view.buf;
    int fits = (uint64_t)view.len >= needed;
    PyBuffer_Release(&view);
    if (!fits)
        PyErr_SetString(PyExc_ValueError, "a memory has more pages than there are bytes to mark them in");
    return fits ? 0 : -1;
}

static PyObject *probe_add_memory(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    unsigned long long base, size, stores_to;
    PyObject *written = NULL;
    uint8_t *start = NULL;
    if (!PyArg_ParseTuple(arguments, "KKK|O", &base, &size, &stores_to, &written))
        return NULL;
    if (written != NULL && take_bytes(written, &start, (size + PAGE_MASK) >> PAGE_SHIFT) < 0)
        return NULL;
    if (probe->memories_count == MAX_MEMORIES) {
        PyErr_SetString(PyExc_ValueError, "too many memories");
        return NULL;
    }
    memory_t *memory = &probe->memories[probe->memories_count++];
    memory->base = base;
    memory->end = base + size;
    memory->stores_to = stores_to;
    memory->owner = Py_XNewRef(written);
    memory->written = start;
    Py_RETURN_NONE;
}

static PyObject *probe_watch(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    unsigned long long page, place;
    int what, i = 0;
    if (!PyArg_ParseTuple(arguments, "KKi", &page, &place, &what))
        return NULL;
    while (i < probe->watched_count && probe->watched[i].page != page)
        i++;
    if (i == MAX_WATCHED) {
        PyErr_SetString(PyExc_ValueError, "too many watched pages");
        return NULL;
    }
    if (i == probe->watched_count)
        probe->watched_count++;
    probe->watched[i] = (watched_t){page, place, what};
    for (region_t *region = probe->regions; region != NULL; region = region->next)
        if (region->place == place)
            region->base = page; /* another page may have had the place before */
    if (what == 0)
        probe->watched[i] = probe->watched[--probe->watched_count];
    Py_RETURN_NONE;
}

static PyObject *probe_reserve(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    unsigned long long base, size;
    if (!PyArg_ParseTuple(arguments, "KK", &base, &size))
        return NULL;
    probe->reserved = base;
    probe->reserved_end = base + size;
    Py_RETURN_NONE;
}

/* Life of the object. */

static int take_buffer(PyObject *owner, int64_t **start, Py_ssize_t needed)
{
    Py_buffer view;
    if (PyObject_GetBuffer(owner, &view, PyBUF_WRITABLE) < 0)
        return -1;
    *start = view.buf;
    int fits = view.len >= needed;
    PyBuffer_Release(&view);
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "a row buffer is too small");
        return -1;
    }
    return 0;
}

static PyObject *probe_new(PyTypeObject *type, PyObject *arguments, PyObject *named)
{
    unsigned long long functions[6];
    int count;
    PyObject *rows, *scheduler, *on_block, *on_instruction, *on_reach, *on_load, *on_store;
    (void)named;
    if (!PyArg_ParseTuple(arguments, "(KKKKKK)iOOOOOOO", &functions[0], &functions[1], &functions[2],
                          &functions[3], &functions[4], &functions[5], &count, &rows, &scheduler,
                          &on_block, &on_instruction, &on_reach, &on_load, &on_store))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    probe_t *probe = (probe_t *)allocate(type, 0);
    if (probe == NULL)
        return NULL;
    probe->emu_start = (emu_start_t)(uintptr_t)functions[0];
    probe->emu_stop = (emu_stop_t)(uintptr_t)functions[1];
    probe->hook_add = (hook_add_t)(uintptr_t)functions[2];
    probe->reg_read = (reg_read_t)(uintptr_t)functions[3];
    probe->mmio_map = (mmio_map_t)(uintptr_t)functions[4];
    probe->hook_del = (hook_del_t)(uintptr_t)functions[5];
    probe->harts_count = count;
    probe->generation = 1;
    probe->blocks_room = 1024;
    probe->heads_mask = (1u << 14) - 1;
    probe->blocks = malloc(sizeof(block_t) * (size_t)probe->blocks_room);
    probe->heads = malloc(sizeof(int32_t) * (probe->heads_mask + 1));
    probe->harts = calloc((size_t)count, sizeof(hart_t));
    int64_t *row = NULL;
    if (probe->blocks == NULL || probe->heads == NULL || probe->harts == NULL) {
        PyErr_NoMemory();
        goto failed;
    }
    memset(probe->heads, 0xFF, sizeof(int32_t) * (probe->heads_mask + 1));
    if (take_buffer(rows, &row, (Py_ssize_t)sizeof(int64_t) * COLUMNS * count) < 0 ||
        take_buffer(scheduler, &probe->scheduler, (Py_ssize_t)sizeof(int64_t) * SCHEDULER_COLUMNS) < 0)
        goto failed;
    for (int i = 0; i < count; i++) {
        hart_t *hart = &probe->harts[i];
        hart->probe = probe;
        hart->index = i;
        hart->row = row + (ptrdiff_t)i * COLUMNS;
        hart->counts = calloc((size_t)probe->blocks_room, sizeof(uint64_t));
        hart->cache = calloc(CACHE_SIZE, sizeof(cached_t));
        hart->function = -2;
        hart->last = -1;
        if (hart->counts == NULL || hart->cache == NULL) {
            PyErr_NoMemory();
            goto failed;
        }
    }
    probe->rows_owner = Py_NewRef(rows);
    probe->scheduler_owner = Py_NewRef(scheduler);
    probe->on_block = Py_NewRef(on_block);
    probe->on_instruction = Py_NewRef(on_instruction);
    probe->on_reach = Py_NewRef(on_reach);
    probe->on_load = Py_NewRef(on_load);
    probe->on_store = Py_NewRef(on_store);
    return (PyObject *)probe;
failed:
    Py_DECREF(probe);
    return NULL;
}

static int probe_traverse(PyObject *self, visitproc visit, void *arg)
{
    probe_t *probe = (probe_t *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(probe->on_block);
    Py_VISIT(probe->on_instruction);
    Py_VISIT(probe->on_reach);
    Py_VISIT(probe->on_load);
    Py_VISIT(probe->on_store);
    Py_VISIT(probe->on_pass);
    Py_VISIT(probe->on_steps);
    return 0;
}

static int probe_clear(PyObject *self)
{
    probe_t *probe = (probe_t *)self;
    Py_CLEAR(probe->on_block);
    Py_CLEAR(probe->on_instruction);
    Py_CLEAR(probe->on_reach);
    Py_CLEAR(probe->on_load);
    Py_CLEAR(probe->on_store);
    Py_CLEAR(probe->on_pass);
    Py_CLEAR(probe->on_steps);
    return 0;
}

static void probe_dealloc(PyObject *self)
{
    probe_t *probe = (probe_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    probe_clear(self);
    Py_XDECREF(probe->rows_owner);
    Py_XDECREF(probe->scheduler_owner);
    for (int i = 0; i < probe->memories_count; i++)
        Py_XDECREF(probe->memories[i].owner);
    for (int i = 0; probe->harts != NULL && i < probe->harts_count; i++) {
        free(probe->harts[i].counts);
        free(probe->harts[i].falls);
        free(probe->harts[i].cache);
    }
    while (probe->regions != NULL) {
        region_t *next = probe->regions->next;
        free(probe->regions);
        probe->regions = next;
    }
    while (probe->located != NULL) {
        located_t *next = probe->located->next;
        free(probe->located);
        probe->located = next;
    }
    while (probe->guards != NULL) {
        guard_t *next = probe->guards->next;
        free(probe->guards);
        probe->guards = next;
    }
    free(probe->harts);
    free(probe->steps);
    free(probe->blocks);
    free(probe->heads);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyMethodDef probe_methods[] = {
    {"attach", probe_attach, METH_VARARGS, "attach(hart, engine): install the hart's callbacks"},
    {"hook_instruction", probe_hook_instruction, METH_VARARGS,
     "hook_instruction(hart, address): let Python carry out the instruction there; the handle"},
    {"hold_instruction", probe_hold_instruction, METH_VARARGS,
     "hold_instruction(hart, address): ask Python before it is executed; the handle"},
    {"unhook", probe_unhook, METH_VARARGS, "unhook(hart, handle): forget such a hook"},
    {"locate_instruction", probe_locate_instruction, METH_VARARGS,
     "locate_instruction(hart, address, base, offset): note the pc there, and what is accessed"},
    {"guard_instruction", probe_guard_instruction, METH_VARARGS,
     "guard_instruction(hart, address, first, second, is_double): let Python carry the instruction "
     "out when a float register holds a signalling NaN"},
    {"map_devices", probe_map_devices, METH_VARARGS,
     "map_devices(hart, base, size, answers_as): accesses there go to on_load and on_store"},
    {"add_memory", probe_add_memory, METH_VARARGS,
     "add_memory(base, size, stores_to, written): code can be fetched there; stores go elsewhere if "
     "not 0; the byte of a page becomes 1 when a hart stores to it"},
    {"watch", probe_watch, METH_VARARGS,
     "watch(page, place, what): loads (1) and stores (2) of the page go elsewhere, 0 for neither"},
    {"reserve", probe_reserve, METH_VARARGS, "reserve(base, size): addresses no hart may use"},
    {"add_block", probe_add_block, METH_VARARGS,
     "add_block(number, address, size, cycles, instructions, function=-1): what the block costs, and "
     "which function it belongs to"},
    {"counts", probe_counts, METH_VARARGS, "counts(hart): runs of each block, as 64-bit numbers"},
    {"keep_blocks", probe_keep_blocks, METH_VARARGS,
     "keep_blocks(count): only the first so many blocks have been met"},
    {"set_counts", probe_set_counts, METH_VARARGS,
     "set_counts(hart, counts): runs of each block, as counts() gives them"},
    {"observe", probe_observe, METH_VARARGS,
     "observe(counts_falls, on_pass, on_steps): what to count, and whom to tell of what"},
    {"falls", probe_falls, METH_VARARGS,
     "falls(hart): how many runs of each block came from the code in front of it; b'' if not counted"},
    {"tell_steps", probe_tell_steps, METH_NOARGS, "tell_steps(): hand over the steps noted so far"},
    {"forget", probe_forget, METH_NOARGS, "forget(): code has changed; ask again about every block"},
    {"run", probe_run, METH_VARARGS, "run(quantum, solo): turns until Python is needed"},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot probe_slots[] = {
    {Py_tp_new, probe_new},         {Py_tp_dealloc, probe_dealloc}, {Py_tp_traverse, probe_traverse},
    {Py_tp_clear, probe_clear},     {Py_tp_methods, probe_methods},
    {Py_tp_doc, "The native side of the engine."}, {0, NULL},
};

static PyType_Spec probe_spec = {
    "vplat.engines._probe.Probe", sizeof(probe_t), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, probe_slots,
};

static int module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&probe_spec);
    if (type == NULL)
        return -1;
    int error = PyModule_AddObjectRef(module, "Probe", type);
    Py_DECREF(type);
    return error;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT, "_probe", "The native probe.", 0, NULL, module_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__probe(void)
{
    return PyModuleDef_Init(&module_definition);
}
