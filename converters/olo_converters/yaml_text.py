"""YAML that people edit too: comments and order are kept."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from olo_converters.errors import ConvertError


class YamlError(ConvertError):
    """A YAML file of the project that can't be edited."""

    default_code = "yaml"


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    return yaml


def dump(value: Any) -> str:
    """A value as YAML text.

    Example:
        >>> dump({"version": 2, "models": [{"name": "a"}]})
        'version: 2\\nmodels:\\n  - name: a\\n'
    """
    stream = StringIO()
    _yaml().dump(value, stream)
    return stream.getvalue()


def load(text: str, path: str) -> Any:
    """A YAML text as an editable tree that keeps comments.

    Raises:
        YamlError: Not YAML, or no mapping.
    """
    try:
        tree = _yaml().load(text)
    except (YAMLError, ValueError) as error:
        raise YamlError(
            f"{path} is not YAML: {str(error).splitlines()[0]}.", hint="Correct the file, then promote again."
        ) from error
    if tree is None:
        tree = {}
    if not isinstance(tree, dict):
        raise YamlError(f"{path} doesn't hold keys and values.", hint="Correct the file, then promote again.")
    return tree
