#ifndef VPLAT_SNITCH_DMA_H
#define VPLAT_SNITCH_DMA_H

/*
 * snitch_dma: The cluster's DMA: copies of one or two dimensions, from any byte to any byte, in
 * order.
 *
 * It has no registers on the bus. Its core sets source, destination, strides and repetitions with
 * instructions; they keep their values from copy to copy. ``dmcpy`` starts a copy and returns its
 * identifier; while the queue is full the core waits there. All have been copied when ``dmstat``
 * says that nothing is busy.
 *
 * The bytes of a copy move in the model when it is finished (one of more than 1 MiB or 8192 rows:
 * slice by slice); on silicon they move a burst at a time until then. Facts:
 * `snitch-ita-cluster.md` section 5, and the synthesizable source where it is named.
 *
 * Generated from vplat.peripherals.xdma.device by `vplat export c-header`; do not edit.
 */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert(x, y) static_assert(x, y)
#endif
#endif

#ifndef VPLAT_U
#ifdef __ASSEMBLER__
#define VPLAT_U(number) number
#else
#define VPLAT_U(number) number##u
#endif
/* A field's value in a word read from its register: VPLAT_GET(DMA_STATUS_ID, word). */
#define VPLAT_GET(field, word) (((word) & field##_MASK) >> field##_SHIFT)
/* A value in its field's place, to be written: VPLAT_PUT(DMA_CTRL_MODE, DMA_CTRL_MODE_FAST). */
#define VPLAT_PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)
#endif

#ifndef __ASSEMBLER__

#endif

#endif /* VPLAT_SNITCH_DMA_H */
