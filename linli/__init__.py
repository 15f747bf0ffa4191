"""linli 邻里: the open platform of an urban community."""

__version__ = "0.2.0"
