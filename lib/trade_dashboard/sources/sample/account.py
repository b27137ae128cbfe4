"""The books of the sample account: what it traded, what it holds, what it is worth.

Cash is kept in whole cents, shares are whole, so that every identity between the files holds to the cent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from trade_dashboard.sessions import calendar
from trade_dashboard.sources.sample.market import Market, Record
from trade_dashboard.sources.sample.strategies import SHARE, SLOTS, Holding, Idea, View, ideas, view, wants_out

ACCOUNT = "SAMPLE"
SEED = 33
FLOWS = (
    (date(2022, 7, 1), "deposit", 100_000_00),
    (date(2023, 1, 3), "fee", -120_00),
    (date(2023, 6, 20), "deposit", 25_000_00),
    (date(2024, 1, 2), "fee", -120_00),
    (date(2024, 5, 6), "withdrawal", -10_000_00),
    (date(2025, 1, 2), "fee", -132_00),
)
INTEREST_MONTHLY = 0.0025
MOST_GROSS, LEAST_TRADE_USD = 0.93, 1_500
NO_PLAN, IN_PIECES, REJECTED, IN_PART, UNKNOWN_ARRIVAL = 0.15, 0.06, 0.015, 0.08, 0.04
LEAST_IN_PIECES = 30
COMMISSION_CENTS, COMMISSION_CENTS_PER_SHARE = 100, 0.5
STAYS_SESSIONS = 45


@dataclass(frozen=True)
class Order:
    """What is sent to the broker for one session; `trigger` is the limit or stop price, 0 at the market."""

    symbol: int
    sign: int
    quantity: int
    kind: str
    strategy: str
    tag: str
    trigger: float = 0.0
    plan: tuple[float, float] | None = None


@dataclass
class Account:
    """The account at one moment of its history, and every record that the broker has written so far."""

    market: Market
    seen: View
    rng: np.random.Generator
    row: int = 0
    cents: int = 0
    equity: float = 0.0
    held: dict[int, Holding] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(
        default_factory=lambda: {name: [] for name in ("fills", "orders", "positions", "equity", "cash_flows")}
    )

    @property
    def day(self) -> date:
        """Give the session."""
        return self.market.sessions[self.row]

    @property
    def ends_month(self) -> bool:
        """Tell whether this is the month's last session."""
        return calendar().next(self.day).month != self.day.month

    @property
    def next_order_id(self) -> str:
        """Name the order that is being sent."""
        return f"A{len(self.records['orders']) + 1:06d}"

    def draw(self) -> float:
        """Draw a fraction."""
        return round(float(self.rng.random()), 6)

    def write(self, dataset: str, **record: object) -> None:
        """Keep a record of the broker's."""
        self.records[dataset].append({"account": ACCOUNT, "session": self.day} | record)


def live(market: Market, seed: int = SEED) -> dict[str, list[Record]]:
    """Trade every session of the market and give what the broker recorded."""
    account = Account(market, view(market), np.random.Generator(np.random.PCG64(seed)))
    for row in range(len(market.sessions)):
        account.row = row
        _begin(account)
        touched = {order.symbol for order in _exits(account) if _send(account, order)}
        _enter(account, touched)
        _end(account)
    _leave_stops_open(account)
    return account.records


def _flow(account: Account, kind: str, cents: int, symbol: str | None = None) -> None:
    account.cents += cents
    flow_id = f"{len(account.records['cash_flows']) + 1:05d}"
    account.write("cash_flows", flow_id=flow_id, kind=kind, amount=cents / 100, symbol=symbol)


def _begin(account: Account) -> None:
    market, row = account.market, account.row
    for at, held in sorted(account.held.items()):
        ratio, dividend = int(market.ratio[row, at]), round(market.dividend[row, at] * 100)
        held.quantity *= ratio
        for price in ("cost", "stop", "target", "last_price"):
            setattr(held, price, round(getattr(held, price) / ratio, 4 if price == "cost" else 2))
        if dividend:
            _flow(account, "dividend", held.quantity * dividend, market.symbols[at])
    for day, kind, cents in FLOWS:
        if day == account.day:
            _flow(account, kind, cents)


def _exits(account: Account) -> Iterator[Order]:
    """Ask for what leaves this session: resting stops and targets that were touched, and what last night decided."""
    market, row = account.market, account.row
    tidy = account.ends_month and account.day.month % 3 == 0
    for at, held in sorted(account.held.items()):
        sign = held.sign
        worst, best = (market.low, market.high) if sign > 0 else (market.high, market.low)
        size = abs(held.quantity)
        order = Order(at, -sign, size, "market", held.strategy, held.tag)
        if not market.traded[row, at]:
            continue
        if wants_out(account.seen, row - 1, held, tidy=tidy):
            yield order
        elif held.planned and sign * (worst[row, at] - held.stop) <= 0:
            yield Order(at, -sign, size, "stop", held.strategy, held.tag, held.stop)
        elif held.planned and not held.scaled and sign * (best[row, at] - held.target) >= 0:
            held.scaled, held.stop = True, round(held.cost, 2)
            yield Order(at, -sign, max(size // 2, 1), "limit", held.strategy, held.tag, held.target)


def _enter(account: Account, touched: set[int]) -> None:
    market, row = account.market, account.row
    for idea in ideas(account.seen, row - 1):
        at = idea.symbol
        # An end of trading is announced long before: not look-ahead, news.
        staying = market.traded[min(row + STAYS_SESSIONS, len(market.sessions) - 1), at] or at in account.held
        if at in account.held or at in touched or not market.traded[row, at] or not staying:
            continue
        touched.add(at)
        quantity = _size(account, idea)
        if quantity * idea.reference >= LEAST_TRADE_USD:
            sign = -1 if idea.strategy == "short_book" else 1
            plan = (-idea.stop_distance * sign, idea.target_distance * sign)
            kind = "limit" if idea.limit else "market"
            _send(account, Order(at, sign, quantity, kind, idea.strategy, idea.tag, idea.limit, plan))


def _size(account: Account, idea: Idea) -> int:
    held = account.held.values()
    if sum(one.strategy == idea.strategy and one.quantity != 0 for one in held) >= SLOTS[idea.strategy]:
        return 0
    gross = sum(abs(one.quantity) * one.last_price for one in held)
    room = min(SHARE[idea.strategy] * account.equity, MOST_GROSS * account.equity - gross)
    return int(room / idea.reference)


def _send(account: Account, order: Order) -> bool:
    """Send an order, trade what the session gives, and tell whether anything was traded."""
    market, row, at = account.market, account.row, order.symbol
    chance = account.draw()
    low, high = float(market.low[row, at]), float(market.high[row, at])
    missed = order.kind == "limit" and order.sign * (order.trigger - (low if order.sign > 0 else high)) < 0
    status, quantity = "filled", order.quantity
    if order.plan and chance < REJECTED:
        status, quantity = "rejected", 0
    elif missed:
        status, quantity = "cancelled", 0
    elif order.plan and order.kind == "limit" and chance > 1 - IN_PART:
        status, quantity = "partially_filled", max(order.quantity * 3 // 5, 1)
    sent = 0.01 + 0.5 * account.draw()
    average = _trade(account, order, quantity, sent) if quantity else None
    time = _at(account.day, sent if order.kind == "market" else 0.0)
    _record(account, order, status=status, filled_quantity=quantity, average_price=average, time=time)
    return quantity > 0


def _record(account: Account, order: Order, **outcome: object) -> None:
    account.write(
        "orders",
        order_id=account.next_order_id,
        symbol=account.market.symbols[order.symbol],
        side="BUY" if order.sign > 0 else "SELL",
        type=order.kind,
        quantity=order.quantity,
        limit_price=order.trigger if order.kind == "limit" else None,
        stop_price=order.trigger if order.kind == "stop" else None,
        strategy=order.strategy,
        **{"time": _at(account.day, 0.0), **outcome},
    )


def _trade(account: Account, order: Order, quantity: int, sent: float) -> float:
    """Trade `quantity` in one to three fills and give their mean price."""
    arrival = _arrival(account, order)
    unknown, planned = account.draw() < UNKNOWN_ARRIVAL, account.draw() >= NO_PLAN
    stop, target = (round(arrival + step, 2) for step in order.plan or (0.0, 0.0))
    value = 0
    for piece, shares in enumerate(_pieces(account, quantity)):
        price = _price(account, order, arrival)
        value += shares * round(price * 100)
        commission = max(COMMISSION_CENTS, int(shares * COMMISSION_CENTS_PER_SHARE + 0.5))
        account.cents -= order.sign * shares * round(price * 100) + commission
        account.write(
            "fills",
            fill_id=f"{len(account.records['fills']) + 1:06d}",
            time=_at(account.day, sent, 2 + 41 * piece + int(7 * account.draw())),
            symbol=account.market.symbols[order.symbol],
            side="BUY" if order.sign > 0 else "SELL",
            quantity=shares,
            price=price,
            commission=commission / 100,
            order_id=account.next_order_id,
            strategy=order.strategy,
            tag=order.tag or None,
            arrival_price=None if unknown else arrival,
            stop_price=stop if order.plan and planned else None,
            target_price=target if order.plan and planned else None,
        )
    average = round(value / quantity / 100, 4)
    if order.plan:
        account.held[order.symbol] = Holding(
            order.symbol, order.strategy, order.tag, order.sign * quantity, average, account.row, stop, target, planned
        )
    else:
        account.held[order.symbol].quantity += order.sign * quantity
    return average


def _pieces(account: Account, quantity: int) -> tuple[int, ...]:
    chance = account.draw()
    if chance > IN_PIECES or quantity < LEAST_IN_PIECES:
        return (quantity,)
    if chance > IN_PIECES / 2:
        return quantity // 2, quantity - quantity // 2
    return quantity // 2, quantity // 3, quantity - quantity // 2 - quantity // 3


def _arrival(account: Account, order: Order) -> float:
    """Find the price when the order could first trade: a trigger that the open has passed trades at the open."""
    market, row, at = account.market, account.row, order.symbol
    opened = float(market.open[row, at])
    if order.kind == "market":
        path = float(market.close[row, at]) - opened
        return round(opened + 0.4 * account.draw() * path, 2)
    through = order.sign * (opened - order.trigger)
    passed = through > 0 if order.kind == "stop" else through < 0
    return opened if passed else order.trigger


def _price(account: Account, order: Order, arrival: float) -> float:
    market, row, at = account.market, account.row, order.symbol
    bps = round(float(account.rng.normal(3.0, 5.0)), 1) if order.kind != "limit" else -2 * account.draw()
    price = round(arrival * (1 + order.sign * bps / 10_000), 2)
    return min(max(price, float(market.low[row, at])), float(market.high[row, at]))


def _at(day: date, fraction: float, seconds: int = 0) -> datetime:
    """Find an instant between the open (0) and the close (1) of a session, and some seconds on."""
    exchange = calendar()
    closing = exchange.closing(day)
    opening = datetime(day.year, day.month, day.day, 9, 30, tzinfo=exchange.zone).astimezone(UTC)
    return opening + timedelta(seconds=int(fraction * (closing - opening).total_seconds()) + seconds)


def _end(account: Account) -> None:
    market, row = account.market, account.row
    if account.ends_month:
        _flow(account, "interest", int(account.cents * INTEREST_MONTHLY + 0.5))
    account.held = {at: held for at, held in sorted(account.held.items()) if held.quantity}
    value = 0
    for at, held in account.held.items():
        if market.traded[row, at]:
            held.last_price = float(market.close[row, at])
        worth = held.quantity * round(held.last_price * 100)
        value += worth
        account.write(
            "positions",
            symbol=market.symbols[at],
            quantity=held.quantity,
            average_cost=held.cost,
            market_value=worth / 100,
        )
    account.equity = (account.cents + value) / 100
    account.write("equity", equity=account.equity, cash=account.cents / 100)


def _leave_stops_open(account: Account) -> None:
    for held in account.held.values():
        if held.planned:
            order = Order(held.symbol, -held.sign, abs(held.quantity), "stop", held.strategy, held.tag, held.stop)
            _record(account, order, status="open", filled_quantity=0)
