"""Promotions of the person: /olo/api/promotions. The promoting itself runs in the notebook's kernel."""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.promote import PromoteForm, PromotionList, PromotionsQuery
from olo_jupyter.server.promotions import follow, list_promotions, promote_form
from olo_jupyter.server.routes.route import Route


def _promotions(context: Context, *, query: PromotionsQuery) -> PromotionList:
    found = list_promotions(context.opened.settings, context.server_root, host=query.host)
    if query.host:
        follow(context.workspace, context.server_root, context.emit, found)
    return found


def _form(context: Context) -> PromoteForm:  # noqa: ARG001 - every route's work is given it
    return promote_form()


ROUTES = [
    Route(
        "GET", "/promotions", "promote", "read", _promotions, PromotionList, query=PromotionsQuery, local=True,
        summary="The person's promotions: branch, pull request with checks, cells that changed since.",
    ),
    Route(
        "GET", "/promote/form", "promote", "read", _form, PromoteForm, local=True,
        summary="The options of a promotion as a JSON Schema.",
    ),
]  # fmt: skip
