"""Domain adaptation of embeddings, without labels of the target."""

from skaudio.domain_adaptation._coral_aligner import CORALAligner

__all__ = ["CORALAligner"]
