"""What is asked of a service after the suite, once requests are known that succeed? Each question is a small plan."""

from olorin_pipelines.contract.afterwards.asking import Asking
from olorin_pipelines.contract.afterwards.missing import not_covered
from olorin_pipelines.contract.afterwards.plan import Ask, plan
from olorin_pipelines.contract.afterwards.tokens import Token, tokens

__all__ = ["Ask", "Asking", "Token", "not_covered", "plan", "tokens"]
