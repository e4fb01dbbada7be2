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
enum { REGISTER_PC = 190 };
/* No instruction can begin here, so the engine never stops by itself. */
#define STOP_ADDRESS UINT64_C(0xFFFFFFFF)
enum { PAGE_SHIFT = 12, PAGE_MASK = (1 << PAGE_SHIFT) - 1 };
enum { MAX_WATCHED = 16, MAX_MEMORIES = 64 };

/* Columns of a hart's row; engines/row.py names the same columns. */
enum { CYCLES, LIMIT, INSTRUCTIONS, BLOCK, PC, NEXT_PC, RUNNABLE, ATTENTION, ERROR, TURNS, ADDRESS, COLUMNS = 16 };
/* Columns of the scheduler's row. */
enum { NOW, DUE, HORIZON, POSITION, RETURN_AT, SCHEDULER_COLUMNS = 8 };
/* The cycle that no run reaches; machine/clock.py has the same. */
#define NEVER (INT64_C(1) << 62)
/* Why `run` came back. */
enum { REASON_DUE, REASON_EXIT, REASON_ATTENTION, REASON_SLICE, REASON_IDLE };

typedef int (*emu_start_t)(void *, uint64_t, uint64_t, uint64_t, size_t);
typedef int (*emu_stop_t)(void *);
typedef int (*hook_add_t)(void *, size_t *, int, void *, void *, uint64_t, uint64_t, ...);
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
    uint32_t generation;
    int32_t next; /* chain of blocks whose address hashes alike */
} block_t;

/* A block in a hart's own cache: found with one comparison, and counted in place. */
typedef struct {
    uint64_t key;  /* size << 32 | address; 0 when empty */
    uint64_t cost; /* instructions << 32 | cycles, added to `spent` in one go */
    uint64_t runs; /* not yet in the hart's counts */
    int64_t block;
} cached_t;
enum { CACHE_SIZE = 2048 };

struct probe;
typedef struct {
    /* What the block callback touches. */
    uint64_t spent;    /* since the row was last settled: instructions << 32 | cycles */
    uint64_t allowed;  /* cycles until the limit, from the same moment */
    cached_t *current; /* the block that runs */
    cached_t *cache;
    /* What the rest needs. */
    struct probe *probe;
    void *engine;
    int64_t *row;
    uint64_t *counts; /* runs of each block */
    int index, at_limit;
} hart_t;

/* Where instructions can be fetched from. Stores go to `stores_to` where that is not zero. */
typedef struct {
    uint64_t base, end, stores_to;
} memory_t;

typedef struct region {
    struct region *next;
    hart_t *hart;
    uint64_t base;
} region_t;

/* A load or store that says before it executes where it is, and that it accesses what is at `offset`
 * from the register `base`, by the engine's number. */
typedef struct located {
    struct located *next;
    hart_t *hart;
    uint32_t address;
    int32_t offset;
    int base;
} located_t;

/* A float instruction that the platform carries out where an operand is a signalling NaN. */
typedef struct guard {
    struct guard *next;
    hart_t *hart;
    uint32_t address;
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
    int harts_count;
    hart_t *harts;
    PyObject *rows_owner, *scheduler_owner; /* the buffers below, held */
    int64_t *scheduler;
    PyObject *on_block, *on_instruction, *on_load, *on_store;
    block_t *blocks;
    int32_t blocks_count, blocks_room;
    int32_t *heads; /* hash table of chains into blocks */
    uint32_t heads_mask;
    uint32_t generation;
    memory_t memories[MAX_MEMORIES];
    int memories_count;
    memory_t watched[MAX_WATCHED]; /* pages whose stores go elsewhere, `end` unused */
    int watched_count;
    uint64_t reserved, reserved_end; /* where such stores go, in the engine's address space */
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
    hart->current = cached;
    cached->runs++;
}

/* Before Python looks: the row says what is true now. */
static void settle(hart_t *hart)
{
    int64_t *row = hart->row;
    row[CYCLES] += (int64_t)(hart->spent & 0xFFFFFFFF);
    row[INSTRUCTIONS] += (int64_t)(hart->spent >> 32);
    if (hart->current != NULL)
        row[BLOCK] = hart->current->block;
    hart->spent = 0;
}

/* After Python may have changed the row. */
static void resume(hart_t *hart)
{
    int64_t left = hart->row[LIMIT] - hart->row[CYCLES];
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
    if (cached->key != 0)
        hart->counts[cached->block] += cached->runs;
    cached->key = cached->runs = 0;
}

static cached_t *cache_block(hart_t *hart, const block_t *block)
{
    cached_t *cached = slot_of(hart, block->address);
    evict(hart, cached);
    cached->key = key_of(block->address, block->size);
    cached->cost = (uint64_t)block->instructions << 32 | block->cycles;
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

static RARELY void reach_limit(hart_t *hart)
{
    hart->at_limit = 1;
    hart->probe->emu_stop(hart->engine);
}

/* Callbacks from the engine. */

static void block_entered(void *engine, uint64_t address, uint32_t size, void *user)
{
    hart_t *hart = user;
    (void)engine;
    if ((hart->spent & 0xFFFFFFFF) >= hart->allowed) {
        reach_limit(hart);
        return;
    }
    cached_t *cached = slot_of(hart, (uint32_t)address);
    if (cached->key == key_of((uint32_t)address, size))
        run_block(hart, cached);
    else
        meet_block(hart, (uint32_t)address, size);
}

static void instruction_located(void *engine, uint64_t address, uint32_t size, void *user)
{
    const located_t *located = user;
    int64_t *row = located->hart->row;
    uint32_t base = 0;
    (void)size;
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
    PyObject *answer =
        PyObject_CallFunction(hart->probe->on_instruction, "iI", hart->index, (unsigned)address);
    resume(hart);
    if (answer == NULL)
        keep_error(hart);
    else
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
    uint64_t shadow = memory->stores_to == 0 ? 0 : memory->stores_to + (page - memory->base);
    for (int i = 0; i < probe->watched_count; i++)
        if (probe->watched[i].base == page)
            shadow = probe->watched[i].stores_to;
    if (shadow == 0)
        return 1;
    if (kind == ACCESS_WRITE) {
        entry->paddr = shadow;
        entry->perms = PERM_WRITE;
    } else {
        entry->perms = kind == ACCESS_FETCH ? PERM_READ | PERM_EXEC : PERM_READ;
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
    settle(hart);
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
    settle(hart);
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

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int take_turn(hart_t *hart, int64_t limit)
{
    probe_t *probe = hart->probe;
    uint32_t pc = 0;
    hart->row[LIMIT] = limit;
    hart->row[TURNS]++;
    hart->at_limit = 0;
    resume(hart);
    int error = probe->emu_start(hart->engine, (uint64_t)hart->row[NEXT_PC], STOP_ADDRESS, 0, 0);
    probe->reg_read(hart->engine, REGISTER_PC, &pc);
    settle(hart);
    hart->row[NEXT_PC] = pc;
    hart->row[ERROR] = error;
    return error == 0 && hart->at_limit;
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
    for (;;) {
        while (scheduler[POSITION] < probe->harts_count) {
            hart_t *hart = &probe->harts[scheduler[POSITION]];
            int64_t *row = hart->row;
            if (!row[RUNNABLE]) {
                scheduler[POSITION]++;
                continue;
            }
            if (row[ATTENTION])
                return Py_BuildValue("ii", REASON_ATTENTION, hart->index);
            int64_t limit = least(scheduler[HORIZON], scheduler[DUE]);
            if (row[CYCLES] >= limit) {
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
        if (reached > scheduler[NOW])
            scheduler[NOW] = reached;
        if (scheduler[NOW] >= scheduler[DUE]) {
            scheduler[HORIZON] = scheduler[NOW];
            return Py_BuildValue("ii", REASON_DUE, -1);
        }
        if (awake == 0 && scheduler[DUE] >= NEVER)
            return Py_BuildValue("ii", REASON_IDLE, -1);
        if (earliest > scheduler[NOW]) /* nobody has anything to do before that */
            scheduler[NOW] = least(least(earliest, scheduler[DUE]), scheduler[RETURN_AT]);
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
    }
    probe->blocks_room = room;
    return 0;
}

/* A new block goes to the front of its chain, so that it hides one whose code it replaces. */
static PyObject *probe_add_block(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int number;
    unsigned address, size, cycles, instructions;
    if (!PyArg_ParseTuple(arguments, "iIIII", &number, &address, &size, &cycles, &instructions))
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
    int error = probe->hook_add(hart->engine, &hook, HOOK_BLOCK, (void *)block_entered, hart, 1, 0);
    if (error == 0)
        error = probe->hook_add(hart->engine, &hook, HOOK_TLB_FILL, (void *)page_missing, hart, 1, 0);
    return check(error);
}

/* hook_instruction(hart, address): let Python carry out the instruction there. */
static PyObject *probe_hook_instruction(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    int index;
    unsigned address;
    size_t hook;
    if (!PyArg_ParseTuple(arguments, "iI", &index, &address))
        return NULL;
    hart_t *hart = &probe->harts[index];
    return check(probe->hook_add(hart->engine, &hook, HOOK_CODE, (void *)instruction_answered, hart,
                                 (uint64_t)address, (uint64_t)address));
}

/* locate_instruction(hart, address, base, offset): note the pc there, and what is accessed. Said again
 * for the same address it replaces what was said before. */
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
    size_t hook;
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
        error = probe->hook_add(hart->engine, &hook, HOOK_CODE, (void *)instruction_guarded, guard,
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
    region->next = probe->regions;
    probe->regions = region;
    return check(probe->mmio_map(region->hart->engine, base, (size_t)size, device_read, region,
                                 device_write, region));
}

static PyObject *probe_add_memory(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    unsigned long long base, size, stores_to;
    if (!PyArg_ParseTuple(arguments, "KKK", &base, &size, &stores_to))
        return NULL;
    if (probe->memories_count == MAX_MEMORIES) {
        PyErr_SetString(PyExc_ValueError, "too many memories");
        return NULL;
    }
    memory_t *memory = &probe->memories[probe->memories_count++];
    memory->base = base;
    memory->end = base + size;
    memory->stores_to = stores_to;
    Py_RETURN_NONE;
}

static PyObject *probe_watch(PyObject *self, PyObject *arguments)
{
    probe_t *probe = (probe_t *)self;
    unsigned long long page, stores_to;
    if (!PyArg_ParseTuple(arguments, "KK", &page, &stores_to))
        return NULL;
    if (probe->watched_count == MAX_WATCHED) {
        PyErr_SetString(PyExc_ValueError, "too many watched pages");
        return NULL;
    }
    probe->watched[probe->watched_count].base = page;
    probe->watched[probe->watched_count++].stores_to = stores_to;
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
    unsigned long long functions[5];
    int count;
    PyObject *rows, *scheduler, *on_block, *on_instruction, *on_load, *on_store;
    (void)named;
    if (!PyArg_ParseTuple(arguments, "(KKKKK)iOOOOOO", &functions[0], &functions[1], &functions[2],
                          &functions[3], &functions[4], &count, &rows, &scheduler, &on_block,
                          &on_instruction, &on_load, &on_store))
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
        if (hart->counts == NULL || hart->cache == NULL) {
            PyErr_NoMemory();
            goto failed;
        }
    }
    probe->rows_owner = Py_NewRef(rows);
    probe->scheduler_owner = Py_NewRef(scheduler);
    probe->on_block = Py_NewRef(on_block);
    probe->on_instruction = Py_NewRef(on_instruction);
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
    Py_VISIT(probe->on_load);
    Py_VISIT(probe->on_store);
    return 0;
}

static int probe_clear(PyObject *self)
{
    probe_t *probe = (probe_t *)self;
    Py_CLEAR(probe->on_block);
    Py_CLEAR(probe->on_instruction);
    Py_CLEAR(probe->on_load);
    Py_CLEAR(probe->on_store);
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
    for (int i = 0; probe->harts != NULL && i < probe->harts_count; i++) {
        free(probe->harts[i].counts);
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
    free(probe->blocks);
    free(probe->heads);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyMethodDef probe_methods[] = {
    {"attach", probe_attach, METH_VARARGS, "attach(hart, engine): install the hart's callbacks"},
    {"hook_instruction", probe_hook_instruction, METH_VARARGS,
     "hook_instruction(hart, address): let Python carry out the instruction there"},
    {"locate_instruction", probe_locate_instruction, METH_VARARGS,
     "locate_instruction(hart, address, base, offset): note the pc there, and what is accessed"},
    {"guard_instruction", probe_guard_instruction, METH_VARARGS,
     "guard_instruction(hart, address, first, second, is_double): let Python carry the instruction "
     "out when a float register holds a signalling NaN"},
    {"map_devices", probe_map_devices, METH_VARARGS,
     "map_devices(hart, base, size, answers_as): accesses there go to on_load and on_store"},
    {"add_memory", probe_add_memory, METH_VARARGS,
     "add_memory(base, size, stores_to): code can be fetched there; stores go elsewhere if not 0"},
    {"watch", probe_watch, METH_VARARGS, "watch(page, stores_to): stores to the page go elsewhere"},
    {"reserve", probe_reserve, METH_VARARGS, "reserve(base, size): addresses no hart may use"},
    {"add_block", probe_add_block, METH_VARARGS,
     "add_block(number, address, size, cycles, instructions): what the block costs"},
    {"counts", probe_counts, METH_VARARGS, "counts(hart): runs of each block, as 64-bit numbers"},
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
