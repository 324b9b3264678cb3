"""What the makers of test files share: a small PKI, plain PDF objects, and messages built by hand.

Nothing here is clever on purpose: a test file must not inherit the ideas of the verifier. Every run
makes new keys and forgets them.
"""
from .expectations import *  # noqa: F403
from .message import *  # noqa: F403
from .pdf import *  # noqa: F403
from .pki import *  # noqa: F403
