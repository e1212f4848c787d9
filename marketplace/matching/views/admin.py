"""For administrators: the weights of the match score with a look at their effect before they count, and how well
matching works by the answers people gave."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core import labels as core_labels
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError
from marketplace.core.web import access, actor
from marketplace.matching import labels, policy
from marketplace.matching.forms import WeightsForm
from marketplace.matching.queries import answers, preview
from marketplace.matching.queries import weights as weighing
from marketplace.matching.queries.preview import Effect
from marketplace.matching.rules import COMPONENT_NAMES, Weights
from marketplace.matching.services import weighing as changing
from marketplace.matching.views import bp
from search_index.engine import EngineUnavailable


@bp.route("/admin/match-weights", methods=["GET", "POST"])
@access(policy.can_administer)
def match_weights() -> ResponseReturnValue:
    """The weights in force; "preview" shows what others would do, "save" puts them in force as a new version."""
    current = weighing.current()
    form = WeightsForm(data={**_as_parts(current), "based_on": current.version, "note": ""})
    problems: list[str] = []
    effects: list[Effect] | None = None
    if request.method == "POST" and form.validate():
        given = {name: float(form[name].data) for name in COMPONENT_NAMES}
        try:
            if form.save.data:
                return _saved(given, form)
            effects = preview.effects(Weights.of(current.version + 1, given), current, clock.now())
        except ValueError:
            problems = [core_labels.error_text("weights_not_usable")]
        except RuleError as error:
            problems = [core_labels.error_text(error.code, **error.params)]
        except EngineUnavailable:
            problems = [_("The search engine is not available, so the effect cannot be shown now.")]
    status = 422 if form.errors or problems else 200
    return render_template(
        "matching/weights.html",
        form=form,
        problems=problems,
        names=COMPONENT_NAMES,
        current=current,
        versions=weighing.versions(),
        effects=effects,
        label_of=labels.COMPONENTS,
    ), status


def _as_parts(weights: Weights) -> dict[str, Decimal]:
    """Weights as an administrator reads them: parts of a hundred."""
    total = sum(weights.to_dict().values())
    return {name: Decimal(f"{round(value / total * 100, 2):g}") for name, value in weights.to_dict().items()}


def _saved(given: dict[str, float], form: WeightsForm) -> ResponseReturnValue:
    with transaction():
        row = changing.change_weights(
            given, based_on=form.based_on.data, note=form.note.data or "", actor=actor(), now=clock.now()
        )
        version = row.version
    flash(_("Version %(version)s of the weights is in force.", version=version), "success")
    return redirect(url_for("matching.match_weights"))


@bp.get("/admin/match-quality")
@access(policy.can_administer)
def match_quality() -> str:
    """Answers, precision by score, and why matches were refused."""
    found = answers.quality()
    bands = [
        [
            f"{band.low}–{band.high}",
            str(band.answered),
            str(band.relevant),
            f"{band.precision:.0%}" if band.precision is not None else _("no answers yet"),
        ]
        for band in found.bands
    ]
    reasons = [[str(labels.REASONS[reason]), str(count)] for reason, count in sorted(found.reasons.items(), key=lambda i: -i[1])]
    return render_template("matching/quality.html", quality=found, bands=bands, reasons=reasons)
