"""Money as Stripe counts it: minor units, the smallest charge of a currency, and what Stripe keeps."""

from sandbox.stripe.errors import invalid

ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()  # noqa: SIM905  reads as a line
)
_THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
_LEAST = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400,
    "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200,
    "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_MOST = 99_999_999
DISPUTE_FEE = 1500


def demand_payable(amount: int, currency: str, *, param: str = "amount") -> None:
    least = _LEAST.get(currency, 1 if currency in ZERO_DECIMAL else 50)
    if amount < least:
        raise invalid(f"Amount must be at least {shown(least, currency)}", param=param, code="amount_too_small")
    if amount > _MOST:
        raise invalid(f"Amount must be no more than {shown(_MOST, currency)}", param=param, code="amount_too_large")


def fee(amount: int, currency: str) -> int:
    """What Stripe keeps of a card payment: 1.5 % and 25 cents in euros, else 2.9 % and 30."""
    per_mille, fixed = (15, 25) if currency == "eur" else (29, 30)
    return (amount * per_mille + 500) // 1000 + (0 if currency in ZERO_DECIMAL else fixed)


def shown(amount: int, currency: str) -> str:
    """As people read it: `EUR 12.50`, `JPY 500`."""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in _THREE_DECIMAL else 2
    return f"{currency.upper()} {amount / 10**digits:,.{digits}f}"
