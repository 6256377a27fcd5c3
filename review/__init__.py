"""A living review as a repository: one verb, one module, one folder a stage."""

__version__ = "0.1.0"

TOOL = f"living-review {__version__}"
"""The name and version that every automatic verdict, draft and search carries."""
