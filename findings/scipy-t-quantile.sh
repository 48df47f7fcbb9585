#!/bin/sh
# SciPy 1.10.1 (Debian 12's version): the quantiles of Student's t, `scipy.stats.t.ppf`, are right to nine digits only, while its `cdf` is right to
# fifteen: cdf(ppf(p)) misses p by up to 5e-10. It follows neither size nor degrees of freedom; 0.8 with 29 and 0.99 with 2 degrees are among the
# worst (2e-9 of the value). Nothing says so, and whoever checks an own interval against it to twelve digits looks for a fault that is not
# there. In SciPy 1.17.1 ppf is right to the last digits.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/quantiles.py" <<'PYTHON'
import sys

import scipy
from scipy import stats

missed = 0.0
for probability, degrees, exact in (
    (0.975, 5, 2.5705818356363148),  # by mpmath with 40 digits
    (0.8, 29, 0.85419198588185582),
    (0.99, 2, 6.9645567342832715),
):
    found = float(stats.t.ppf(probability, degrees))
    print(f"SciPy {scipy.__version__}: t.ppf({probability}, {degrees}) = {found!r}, exactly {exact!r}")
    missed = max(missed, abs(found / exact - 1))
    assert abs(float(stats.t.cdf(exact, degrees)) - probability) < 1e-14, "cdf is not right either"
assert (missed > 1e-10) == (sys.argv[1] == "old"), f"{missed} apart"
PYTHON
for version in 1.10.1:old 1.17.1:new; do
  python3 -m venv "$folder/${version#*:}"
  "$folder/${version#*:}/bin/pip" install --quiet --disable-pip-version-check "scipy==${version%:*}"
  "$folder/${version#*:}/bin/python" "$folder/quantiles.py" "${version#*:}"
done
echo "as described"
