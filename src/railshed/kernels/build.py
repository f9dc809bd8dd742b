"""Kernels compiled ahead of time: `python -m railshed.kernels.build` writes the folder that `jit`
reads.

Each kernel of `signatures.json` is compiled for its argument types, for each target in a process of
its own, since numba reads the processor to compile for at import. Two builds give equal files.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from railshed.kernels.jit import (
    BUILD,
    COMPILED,
    NOT_KERNELS,
    build_key,
    code_path,
    digest_and,
    name_of,
    target_name,
)

SIGNATURES = Path(__file__).with_name("signatures.json")
#: items of a reduced compile result: the library, what holds addresses for people to read, and the
#: constants of its functions, with which their modules are imported: most have none
_LIBRARY = 0
_ANNOTATION = 6
_ENVIRONMENTS = 8
#: LLVM's code of a name that is defined elsewhere, from which nothing is compiled
_ENTRY = 'define available_externally void @"{}"() {{ unreachable }}'


def encoded(kind: Any) -> Any:
    """Return numba's type of an argument as plain values."""
    from numba import types

    if isinstance(kind, types.Array):
        return [str(kind.dtype), kind.ndim, kind.layout, kind.mutable]
    if isinstance(kind, types.BaseNamedTuple):
        of = kind.instance_class
        name = f"{of.__module__.rpartition('.')[2]}.{of.__qualname__}"
        return {"class": name, "fields": [encoded(one) for one in kind]}
    if isinstance(kind, types.BaseTuple):
        return {"fields": [encoded(one) for one in kind]}
    return str(kind)


def decoded(value: Any) -> Any:
    """Return the type that `encoded` gave."""
    from numba import types

    if isinstance(value, str):
        return getattr(types, value)
    if isinstance(value, list):
        dtype, ndim, layout, mutable = value
        return types.Array(getattr(types, dtype), ndim, layout, readonly=not mutable)
    fields = [decoded(one) for one in value["fields"]]
    if "class" not in value:
        return types.BaseTuple.from_types(fields)
    module, name = value["class"].split(".")
    return types.BaseTuple.from_types(
        fields, getattr(importlib.import_module(f"railshed.kernels.{module}"), name)
    )


def kernels() -> Iterator[tuple[str, Any, str]]:
    """Yield every kernel of this folder: the name that `signatures.json` has for it, the kernel,
    its variable.
    """
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name in NOT_KERNELS:
            continue
        module = importlib.import_module(f"railshed.kernels.{path.stem}")
        for variable, value in vars(module).items():
            if hasattr(value, "py_func") and value.py_func.__module__ == module.__name__:
                yield name_of(value.py_func), value, variable


def compile_into(folder: Path) -> None:
    """Compile every kernel of the list into a folder, for the target of the environment.

    A file holds machine code, and of LLVM's own code the name of what Python calls: other kernels
    call the machine code and have no part of it inlined.
    """
    from llvmlite import binding  # type: ignore[import-untyped]
    from numba.core import serialize

    _number_expressions()
    _name_files()
    by_name = {name: kernel for name, kernel, _ in kernels()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, arguments in json.loads(SIGNATURES.read_text(encoding="ascii")).items():
        function = by_name[name]
        function.compile(tuple(map(decoded, arguments)))
        for signature, compiled in function.overloads.items():
            parts = list(compiled._reduce())
            library, kind, (machine_code, _) = parts[_LIBRARY]
            entry = binding.parse_assembly(_ENTRY.format(compiled.fndesc.llvm_cpython_wrapper_name))
            parts[_LIBRARY] = library, kind, (machine_code, entry.as_bitcode())
            parts[_ENVIRONMENTS] = tuple(one for one in parts[_ENVIRONMENTS] if one.consts)
            parts[_ANNOTATION] = ""
            code_path(folder, name, signature).write_bytes(
                digest_and(serialize.dumps(tuple(parts)))
            )
    if twice := [name for name, kernel in by_name.items() if len(kernel.overloads) > 1]:
        raise RuntimeError(
            f"compiled for several types, each of which takes time: {', '.join(twice)}"
        )


def _number_expressions() -> None:
    """Number numba's expressions in their order: it puts their hashes, else addresses, into names
    of functions.
    """
    from numba.core import ir

    known: dict[int, tuple[int, Any]] = {}  # with the expressions, so that no address comes again
    ir.Expr.__hash__ = lambda self: known.setdefault(id(self), (len(known), self))[0]


def _name_files() -> None:
    """Let compiled code name the files that errors come from without their folders.

    Their names order the parts of the code: one folder gave 4 % more instructions than another, and
    wheels named it.
    """
    from numba.core import ir

    made = ir.Loc.__init__

    def without_folder(self: Any, filename: str, *more: Any, **options: Any) -> None:
        made(self, Path(filename).name, *more, **options)

    ir.Loc.__init__ = without_folder


def build(folder: Path = COMPILED) -> None:
    """Compile for every target of this machine, each in a process; nothing is left behind where one
    fails.

    A folder of the same kernels, numba and Python stays as it is.
    """
    with suppress(OSError, UnicodeDecodeError):
        if (folder / BUILD).read_text(encoding="ascii") == build_key():
            return
    targets = dict.fromkeys(
        [target_name(plain=True), "x86-64-v3" if target_name(plain=True) == "x86-64" else ""]
    )
    shutil.rmtree(folder, ignore_errors=True)
    try:
        running = [_started(folder / target, target) for target in filter(None, targets)]
        codes = [process.wait() for process in running]
        if any(codes):
            raise RuntimeError("compiling kernels failed")
        (folder / BUILD).write_text(build_key(), encoding="ascii")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _started(folder: Path, target: str) -> subprocess.Popen[bytes]:
    """Start a process that compiles for a target, with this process's paths of modules."""
    cpu = "generic" if target.endswith("generic") else target
    settings = {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": "", "PYTHONHASHSEED": "0"}
    code = (
        f"import pathlib, sys; sys.path[:] = {sys.path!r}; from railshed.kernels import build; "
        f"build.compile_into(pathlib.Path({str(folder)!r}))"
    )
    return subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **settings})


if __name__ == "__main__":
    build()
