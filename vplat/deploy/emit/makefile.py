"""The Makefile of a project."""

from __future__ import annotations

from typing import Final

MAKEFILE: Final = """\
# Builds the network for @BOARD@: network.elf. toolchain.md of vplat says where to get the tools.
#
#   make                 build it
#   make clean           remove what was built
#
# CROSS names another toolchain (riscv64-elf-), SPECS its C library. DEFINES are for main.c, like
# -DNETWORK_RUNS=2. LIBRARY is an archive of the firmware that has been built before.

CROSS ?= riscv64-unknown-elf-
SPECS ?= --specs=picolibc.specs
DEBUG ?= -g1
BUILD ?= build
DEFINES ?=
LIBRARY ?= $(BUILD)/firmware.a

CC := $(CROSS)gcc
AR := $(CROSS)ar

# The C library is found by the plain name; the compiler wants to hear of CSRs and fence.i as well.
ARCH_pulp := -march=rv32imafc_zicsr_zifencei -mabi=ilp32f
LINK_ARCH_pulp := -march=rv32imafc -mabi=ilp32f
ARCH_snitch := -march=rv32ima_zicsr_zifencei -mabi=ilp32
LINK_ARCH_snitch := -march=rv32im -mabi=ilp32

FLAGS := $(SPECS) -I. -Ifirmware -Ifirmware/include $(DEBUG) $(ARCH_@FAMILY@) \\
    -DVPLAT_BOARD_HEADER='<vplat/@BOARD@.h>' -MMD -MP -gno-record-gcc-switches \\
    -ffile-prefix-map=$(CURDIR)=.
ASFLAGS := -Wa,--debug-prefix-map=$(CURDIR)=.
CFLAGS := -std=gnu11 -O2 -ffunction-sections -fdata-sections -Wall -Wextra -Werror \\
    -Wstrict-prototypes -Wmissing-prototypes -fno-tree-loop-distribute-patterns
LDFLAGS := $(SPECS) -nostartfiles -Wl,--gc-sections -Wl,--build-id=none -Wl,--fatal-warnings \\
    -Wl,--undefined=stdout -Wl,--defsym=__stack_size=@STACK@

SOURCES := $(wildcard *.c) network_data.S
FIRMWARE := \\
    @SOURCES@

objects := $(SOURCES:%=$(BUILD)/%.o)
library_objects := $(FIRMWARE:%=$(BUILD)/%.o)

.PHONY: all clean
all: network.elf

network.elf: $(objects) $(LIBRARY) @BOARD@.ld Makefile
	@echo "linking $@"
	@$(CC) $(LDFLAGS) $(LINK_ARCH_@FAMILY@) -T @BOARD@.ld -o $@ $(objects) $(LIBRARY)

$(BUILD)/firmware.a: $(library_objects)
	@rm -f $@
	@$(AR) rcsD $@ $^

$(BUILD)/%.c.o: %.c Makefile
	@echo "compiling $<"
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) $(CFLAGS) $(if $(filter main.c,$<),$(DEFINES)) -c -o $@ $<

$(BUILD)/%.S.o: %.S Makefile
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) $(ASFLAGS) -c -o $@ $<

# The dependency files know nothing of .incbin.
$(BUILD)/network_data.S.o: network_data.bin

clean:
	rm -rf $(BUILD) network.elf

-include $(objects:.o=.d) $(library_objects:.o=.d)
"""
