"""One delivery of 360dialog's to events: Meta's envelope, unchanged."""

from hub.whatsapp.envelope import map_delivery as map_delivery
