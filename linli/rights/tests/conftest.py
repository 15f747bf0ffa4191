from linli.conftest import *  # noqa: F403
