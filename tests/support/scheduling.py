"""Which tests go to the same worker: those of one file, and all that share the whole running Cairn, which is costly
to start."""

from xdist.scheduler import LoadScopeScheduling

SHARING_THE_STACK = ("test_walking.py", "test_real_input.py", "test_repeats_and_kills.py")


class ByFile(LoadScopeScheduling):
    """Like `--dist loadfile`, with the files above counted as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "stack" if file.endswith(SHARING_THE_STACK) else file
