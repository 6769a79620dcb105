"""Whether a release is what was signed, logged, drawn and computed, without the server.

The looks come one after another; the first kind of fault ends them, and its first item is named.
"""

from survey_app.services.verification.whole import Verified, verify_bundle

__all__ = ["Verified", "verify_bundle"]
