"""A fake `nvidia-smi`: it prints what the test wrote, in the words of the real one."""

from pathlib import Path

MEBI = 1 << 20
NO_DRIVER = (
    "echo 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'; exit 9"
)
NO_DEVICES = "echo 'No devices were found'; exit 6"
HANGS = "exec sleep 600"

_PROGRAM = """#!/bin/sh
[ "$2" = --format=csv,noheader,nounits ] || exit 2
case "$1" in
--query-compute-apps=pid,used_memory) cat {folder}/processes ;;
--query-gpu=memory.used,memory.total) cat {folder}/processors ;;
*) echo "Field is not a valid field to query." ; exit 2 ;;
esac
"""


class Nvidia:
    """The program, and what it says: of each processor what is used and there is, in mebibytes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.program = folder, str(folder / "nvidia-smi")
        self.acts(_PROGRAM.format(folder=folder))
        self.says(used=0)

    def acts(self, script: str) -> None:
        """Have it do something else altogether."""
        Path(self.program).write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}")
        Path(self.program).chmod(0o755)

    def says(self, *processes: str, used: int | str, total: int | str = 24_564) -> None:
        """Have it say that, of one processor."""
        (self.folder / "processes").write_text("".join(f"{line}\n" for line in processes))
        (self.folder / "processors").write_text(f"{used}, {total}\n")
