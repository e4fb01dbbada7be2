"""What pyproject.toml cannot say: the probe may fail to compile, and firmware is copied."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

# A free-threaded interpreter has no limited API, so it gets a build of its own.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")

probe = Extension(
    "vplat.engines._probe",
    ["vplat/engines/_probe.c"],
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if LIMITED else [],
    py_limited_api=LIMITED,
    extra_compile_args=["-O2"],
    optional=True,  # without a C compiler the pure-Python probe does the same, slower
)


# What the projects that `vplat deploy` writes are built from.
SOURCES = ("deploy", "drivers", "hal", "include", "kernels", "runtime", "tiles")


class BuildWithFirmware(build_py):
    """Copies the firmware into the package; an editable install finds it in the checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        firmware = Path("firmware")
        for elf in sorted((firmware / "prebuilt").glob("*.elf")):
            self._copy(elf, Path("demos", elf.name))
        for folder in SOURCES:
            for ending in ("h", "c", "S", "ld"):
                for source in sorted((firmware / folder).rglob(f"*.{ending}")):
                    self._copy(source, Path("deploy", "firmware", source.relative_to(firmware)))

    def _copy(self, source: Path, place: Path) -> None:
        target = Path(self.build_lib, "vplat", place)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.copy_file(str(source), str(target))


setup(
    ext_modules=[probe],
    cmdclass={"build_py": BuildWithFirmware},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED else {},
)
