"""The review's data as frozen pydantic models; ``docs/data.md`` is generated from them."""

import os

# Plug-ins of pydantic are looked up in every installed package's metadata at import; this program
# has none, and `review --help` should answer at once.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
