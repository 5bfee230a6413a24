"""Do the candidate and production answer the same requests alike? Safe ones of the corpus, few, through the guard."""

from olorin_pipelines.contract.twin.asking import TwinResult, twin
from olorin_pipelines.contract.twin.compare import Difference
from olorin_pipelines.contract.twin.judgement import behaviour, twin_rows, twin_skipped_rows

__all__ = ["Difference", "TwinResult", "behaviour", "twin", "twin_rows", "twin_skipped_rows"]
