"""Which promises of a document do recorded exchanges break? Pure: exchanges and a document are all it needs."""

from olorin_pipelines.contract.judge.answers import Answers
from olorin_pipelines.contract.judge.checks import CHECKS, Check
from olorin_pipelines.contract.judge.exchange import Exchange, Violation
from olorin_pipelines.contract.judge.judge import Judge, Judgement
from olorin_pipelines.contract.judge.timing import Timing

__all__ = ["CHECKS", "Answers", "Check", "Exchange", "Judge", "Judgement", "Timing", "Violation"]
