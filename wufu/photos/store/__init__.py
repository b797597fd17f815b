"""All SQL of photo packets, except their laws: `photos` has them and their views, `talk` what is said."""

from wufu.photos.store import photos, talk

__all__ = ["photos", "talk"]
