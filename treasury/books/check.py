"""Compares what the books keep twice: turnovers with postings, open lots with lots and uses, lots with wallets."""

from collections.abc import Iterator

from django.db import connection

# Each returns a row for everything that does not tie.
CHECKS = {
    "turnover of account {} in {} on {} is not its postings": """
        SELECT account_id, currency, day FROM (
            SELECT account_id, currency, (at AT TIME ZONE 'UTC')::date AS day,
                   coalesce(sum(amount_sat), 0) AS amount_sat, coalesce(sum(amount), 0) AS amount
            FROM treasury_posting GROUP BY 1, 2, 3
        ) AS made FULL JOIN treasury_dayturnover AS kept USING (account_id, currency, day)
        WHERE (made.amount_sat, made.amount) IS DISTINCT FROM (kept.amount_sat, kept.amount)
    """,
    "turnover of account {} in {} in the month of {} is not its days": """
        SELECT account_id, currency, month FROM (
            SELECT account_id, currency, date_trunc('month', day)::date AS month, sum(amount_sat) AS amount_sat,
                   sum(amount) AS amount
            FROM treasury_dayturnover GROUP BY 1, 2, 3
        ) AS made FULL JOIN treasury_monthturnover AS kept USING (account_id, currency, month)
        WHERE (made.amount_sat, made.amount) IS DISTINCT FROM (kept.amount_sat, kept.amount)
    """,
    "open lots hold {} sat, wallets and loans {} sat": """
        SELECT lots, places FROM
            (SELECT coalesce(sum(left_sat), 0) AS lots FROM treasury_openlot) AS a,
            (SELECT coalesce(sum(amount_sat), 0) AS places FROM treasury_posting JOIN treasury_account AS account
             ON account.id = account_id WHERE starts_with(code, 'Assets:Bitcoin:')) AS b
        WHERE lots <> places
    """,
    "open lots cost {} USD, the accounts say {} USD": """
        SELECT lots, accounts FROM
            (SELECT coalesce(sum(left_cost_usd), 0) AS lots FROM treasury_openlot) AS a,
            (SELECT coalesce(sum(amount), 0) AS accounts FROM treasury_posting JOIN treasury_account AS account
             ON account.id = account_id WHERE starts_with(code, 'Assets:BitcoinCost:')) AS b
        WHERE lots <> accounts
    """,
    "open lots hold {} sat, lots less their uses {} sat": """
        SELECT kept, made FROM
            (SELECT coalesce(sum(left_sat), 0) AS kept FROM treasury_openlot) AS a,
            (SELECT (SELECT coalesce(sum(sat), 0) FROM treasury_lot)
                  - (SELECT coalesce(sum(sat), 0) FROM treasury_lotuse) AS made) AS b
        WHERE kept <> made
    """,
    "lots held at {} are {} sat, the account says {} sat": """
        SELECT held_at, lots, sat FROM
            (SELECT held_at, sum(left_sat) AS lots FROM treasury_openlot GROUP BY 1) AS a
            FULL JOIN
            (SELECT code AS held_at, sum(amount_sat) AS sat FROM treasury_posting JOIN treasury_account AS account
             ON account.id = account_id WHERE starts_with(code, 'Assets:Bitcoin:') GROUP BY 1
             HAVING sum(amount_sat) <> 0) AS b
            USING (held_at)
        WHERE EXISTS (SELECT FROM treasury_lotscope) AND lots IS DISTINCT FROM sat
    """,
    "lots held at {} are {} sat, by what came, was carried and was taken {} sat": """
        SELECT held_at, lots, sat FROM
            (SELECT held_at, sum(left_sat) AS lots FROM treasury_openlot GROUP BY 1) AS a
            FULL JOIN
            (SELECT held_at, sum(sat) AS sat FROM (
                SELECT held_at, sat FROM treasury_lot UNION ALL SELECT held_at, -sat FROM treasury_lotuse
                UNION ALL SELECT target, sat FROM treasury_lotmove UNION ALL SELECT origin, -sat FROM treasury_lotmove
             ) AS every GROUP BY 1 HAVING sum(sat) <> 0) AS b
            USING (held_at)
        WHERE lots IS DISTINCT FROM sat
    """,
    "disposals brought {1} USD, costings account for {0} USD": """
        SELECT costed, -proceeds FROM
            (SELECT coalesce(sum(amount), 0) AS costed FROM treasury_posting JOIN treasury_account AS account
             ON account.id = account_id WHERE code = 'Equity:Disposals:Costed') AS a,
            (SELECT coalesce(sum(amount), 0) AS proceeds FROM treasury_posting JOIN treasury_account AS account
             ON account.id = account_id WHERE code = 'Equity:Disposals:Proceeds') AS b
        WHERE costed + proceeds <> 0
    """,
    "account {} in {} is below nothing: {} sat": """
        SELECT code, currency, sum(amount_sat) FROM treasury_dayturnover JOIN treasury_account AS account
        ON account.id = account_id WHERE starts_with(code, 'Assets:Bitcoin:')
        GROUP BY code, currency HAVING sum(amount_sat) < 0
    """,
}


def faults() -> Iterator[str]:
    """A sentence for everything that does not tie; none where the books are whole."""
    with connection.cursor() as cursor:
        for sentence, question in CHECKS.items():
            cursor.execute(question)
            for row in cursor.fetchall():
                yield sentence.format(*row)
