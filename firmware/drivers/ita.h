/*
 * ITA, the integer transformer accelerator. One job is the product of two 64 x 64 tiles of int8;
 * what it means for the layer follows from its place in the sequence of jobs.
 *
 *     ita_open();
 *     ita_configure(&layer);
 *     for (each job, in the order that the layer asks for)
 *         last = ita_submit(&job);
 *     ita_finish(last);
 *
 * The queue has room for a few jobs, ita_contexts(): ita_submit sleeps for a place in it. Harts do
 * not share the accelerator within a layer; the hart that submits a job is the one that gets its
 * event.
 */
#ifndef DRIVERS_ITA_H
#define DRIVERS_ITA_H

#include <stdbool.h>

#include "drivers/board.h"

#define ITA_TILE_EDGE 64
#define ITA_TILE_BYTES (ITA_TILE_EDGE * ITA_TILE_EDGE)

/* Biases are packed, 24 bits each. The unit reads on for another 32 bytes, which must be memory. */
#define ITA_BIAS_BYTES (3 * ITA_TILE_EDGE)
#define ITA_BIAS_READ_BYTES (ITA_BIAS_BYTES + 32)

/* What the engine reads ahead of the next job's weights: 16 rows. */
#define ITA_WEIGHT_SET_BYTES (16 * ITA_TILE_EDGE)

enum ita_layer { ITA_ATTENTION, ITA_FEEDFORWARD, ITA_LINEAR, ITA_SINGLE_ATTENTION };
enum ita_activation { ITA_IDENTITY, ITA_GELU, ITA_RELU };

/* Which entry of ita_layer_parameters.requant a step uses. A linear layer uses the first. */
enum ita_step { ITA_Q, ITA_K, ITA_V, ITA_QK, ITA_AV, ITA_OW, ITA_F1, ITA_F2, ITA_STEPS };

/* value * mult / 2^shift, rounded half up, plus add, saturated to int8. */
struct ita_requant {
    uint8_t mult;
    uint8_t shift;
    int8_t add;
};

/* What stays the same for all jobs of a layer. Dimensions are in tiles. */
struct ita_layer_parameters {
    enum ita_layer layer;
    unsigned sequence;
    unsigned embedding;
    unsigned projection;
    unsigned feedforward;
    struct ita_requant requant[ITA_STEPS];
    enum ita_activation activation;
    int16_t gelu_b;
    int16_t gelu_c;
    struct ita_requant activation_requant;
};

/* One tile product. All addresses are in the TCDM, and must be multiples of 8. */
struct ita_job {
    const void *input;
    const void *weight;
    const void *next_weight; /* the next job's weights; NULL for the last job of a chain */
    const void *bias;        /* ITA_BIAS_READ_BYTES of it are read; NULL: none */
    void *output;
    bool first;        /* nobody has read ahead for this job */
    bool bias_by_rows; /* add element r to row r, not element c to column c */
    bool stores;       /* this is the last inner tile of its output tile */
};

/*
 * Clock the accelerator, let it win against harts and DMA in the TCDM, and reset its queue. Between
 * ita_close and ita_open it has neither clock nor priority, where the cluster has a say in that.
 */
void ita_open(void);
void ita_close(void);

/* Set up for a layer. Only while no job is queued or running, and none of a layer is missing. */
void ita_configure(const struct ita_layer_parameters *layer);

/* Queue a job; returns its number. The first one after ita_open has the number 0. */
static inline unsigned ita_submit(const struct ita_job *job);

/* The same in two parts: the registers' contents can be worked out long before. */
struct ita_command {
    uint32_t input, weight, next_weight, bias, output, flags;
};
static inline struct ita_command ita_encode(const struct ita_job *job);
static inline unsigned ita_submit_command(const struct ita_command *command);

/* How many jobs can be queued or running. */
static inline unsigned ita_contexts(void);

/* Whether the job with this number has finished. */
static inline bool ita_is_finished(unsigned number);

/* Sleep until it has. */
static inline void ita_finish(unsigned number);

#include "drivers/ita_queue.h"

#endif
