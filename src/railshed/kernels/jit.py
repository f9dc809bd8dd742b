"""The decorator of all kernels, and where their compiled code comes from.

Kernels are compiled when the package is built (`build.py`); a process loads that code. A kernel or
an argument type that the build does not know is compiled in memory, which stderr says once. Nothing
is read from a user's folder.
"""

import hashlib
import platform
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

#: of compiled kernels: a folder a target, which numba and Python they are for in `BUILD`
COMPILED = Path(__file__).parent / "compiled"
BUILD = "build.txt"
ENDING = ".kernel"
#: bytes of the sha256 that each file begins with
_DIGEST = 32
#: what x86-64-v3 has beyond x86-64, as LLVM calls it
_V3 = ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
#: of the build alone
NOT_KERNELS = ("jit.py", "build.py", "hatch_hook.py")


def source_hash() -> str:
    """Return a hash of every kernel, and of what compiles them."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in NOT_KERNELS:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def build_key() -> str:
    """Return what compiled code depends on: the kernels, numba, Python."""
    import numba

    return (
        f"{source_hash()} numba {numba.__version__} python {platform.python_version_tuple()[:2]}\n"
    )


def target_name(*, plain: bool = False) -> str:
    """Return the target of this machine's processor: x86-64-v3 where it can, x86-64, or the
    machine's generic one.
    """
    machine = platform.machine().lower()
    if machine not in ("x86_64", "amd64"):
        return f"{machine}-generic"
    from llvmlite import binding  # type: ignore[import-untyped]

    features = binding.get_host_cpu_features()
    return "x86-64" if plain or not all(features.get(name) for name in _V3) else "x86-64-v3"


@cache
def _folder() -> Path | None:
    """Return the folder of code for this process, None where there is none or numba runs otherwise
    than built.
    """
    from numba import config

    if config.BOUNDSCHECK or config.OPT != 3 or config.DEBUG_JIT or config.CPU_NAME:
        return None
    with suppress(OSError, UnicodeDecodeError):
        if (COMPILED / BUILD).read_text(encoding="ascii") == build_key():
            return COMPILED / target_name()
    return None


def name_of(function: Callable[..., Any]) -> str:
    """Return what a kernel is called in files: its module and name, with the switches of the
    closure it stands in.
    """
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    switches = [str(int(value)) for value in cells if isinstance(value, bool)]
    return "-".join([f"{function.__module__.rpartition('.')[2]}.{function.__name__}", *switches])


def code_path(folder: Path, name: str, signature: Any) -> Path:
    """Return the file of a kernel for argument types."""
    return folder / f"{name}-{hashlib.sha256(str(signature).encode()).hexdigest()[:16]}{ENDING}"


def digest_and(payload: bytes) -> bytes:
    """Return a file's content: the sha256 of the payload, then the payload."""
    return hashlib.sha256(payload).digest() + payload


@cache
def _say_compiling() -> None:
    """Say on stderr, once a process, that kernels are compiled."""
    print(
        "railshed: compiling kernels that the installation has not compiled; this takes seconds",
        file=sys.stderr,
    )


class ShippedCode:
    """What numba asks for compiled code of a kernel (the protocol of its caches)."""

    cache_path = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = name_of(function)

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Return the compiled code for argument types, None where there is none or its file is not
        as it was built.
        """
        folder = _folder()
        if folder is None:
            return None
        try:
            data = code_path(folder, self.name, signature).read_bytes()
        except OSError:
            return None
        if digest_and(data[_DIGEST:]) != data:
            return None
        import pickle

        from numba.core.compiler import CompileResult
        from numba.core.runtime import rtsys

        rtsys.initialize(
            target_context
        )  # memory of arrays; numba prepares the rest itself when it compiles
        return CompileResult._rebuild(
            target_context, *pickle.loads(data[_DIGEST:])
        )  # a file of this package

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Say that a kernel was compiled; nothing is written."""
        _say_compiling()

    def flush(self) -> None:
        """Do nothing: there is no other code."""


#: optional modules of numba that no kernel uses: linear algebra, line coverage, settings in a file
_UNUSED = ("scipy", "coverage", "yaml")


@cache
def _set_up() -> None:
    """Import numba without the optional modules that no kernel uses, which saves 0.3 s.

    In the command line's process only, where no other code compiles; numba finds the modules later.
    """
    hidden: Any = dict.fromkeys(name for name in _UNUSED if name not in sys.modules)
    sys.modules.update(hidden)
    try:
        import numba  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


def kernel(function: F) -> F:
    """Compile `function` without the interpreter lock, on first call, or load its compiled code."""
    if "railshed.cli.main" in sys.modules:
        _set_up()
    from numba import config, njit

    compiled: Any = njit(nogil=True)(function)
    if not config.DISABLE_JIT:
        compiled._cache = ShippedCode(function)
    return cast(F, compiled)
