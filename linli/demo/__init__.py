"""The demo community: invented people in a plausible place, with three months of work behind them. Nothing here runs in production."""
