"""One delivery of Meta's to events: its envelope is read as every provider's that passes it through."""

from hub.whatsapp.envelope import map_delivery as map_delivery
