"""What changed keyword by keyword, as the documents are written? The reading that the `oasdiff` profile stands on."""

from olorin_pipelines.diff.literal.document import literal_uses
from olorin_pipelines.diff.literal.levels import LEVELS, Level
from olorin_pipelines.diff.literal.uses import Options, Use

__all__ = ["LEVELS", "Level", "Options", "Use", "literal_uses"]
