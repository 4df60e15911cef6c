from tests.process import process

__all__ = ["process"]
