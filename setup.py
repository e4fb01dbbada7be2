"""The two things pyproject.toml cannot say: the probe may fail to compile, and demos are copied."""

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


class BuildWithDemos(build_py):
    """Copies the prebuilt firmware beside ``vplat.demos``; an editable install needs no copy."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        demos = Path(self.build_lib, "vplat", "demos")
        for elf in sorted(Path("firmware", "prebuilt").glob("*.elf")):
            self.copy_file(str(elf), str(demos / elf.name))


setup(
    ext_modules=[probe],
    cmdclass={"build_py": BuildWithDemos},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED else {},
)
