"""The bridge: runs beside an on-premises PBX, hears its events and posts them to the hub. It only connects outwards."""
