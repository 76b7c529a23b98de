"""Text fields without `maxlength`: a browser cuts what is pasted to it without a word, so a sentence says what is too long."""

from __future__ import annotations

from typing import Any

from django import forms

TOO_LONG = "Shorten this to %(limit_value)d characters: it has %(show_value)d."


class WholeText(forms.CharField):
    default_error_messages = {"max_length": TOO_LONG}

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return _without_maxlength(super().widget_attrs(widget))


class WholeEmail(forms.EmailField):
    default_error_messages = {"max_length": TOO_LONG}

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return _without_maxlength(super().widget_attrs(widget))


def _without_maxlength(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if name != "maxlength"}
