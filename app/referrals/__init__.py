"""Referrals 移送: handing a matter to the authority that may act, with everything it needs, and following it up."""
