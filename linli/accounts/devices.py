"""A browser and its network in words one recognises, with nothing in them that finds anybody: pure functions."""

from __future__ import annotations

from ipaddress import ip_address

SYSTEMS = (
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("HarmonyOS", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("Firefox", "火狐"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_in_words(user_agent: str) -> str:
    """As 安卓手机上的微信; 一台设备 for what is not recognised."""
    system = next((words for mark, words in SYSTEMS if mark in user_agent), "")
    browser = next((words for mark, words in BROWSERS if mark in user_agent), "")
    if system and browser:
        return f"{system}上的 {browser}" if browser.isascii() else f"{system}上的{browser}"
    return system or browser or "一台设备"


def network_in_words(address: str) -> str:
    """An address with its end hidden: enough to tell the office from elsewhere."""
    try:
        known = ip_address(address)
    except ValueError:
        return "本机"
    if known.is_loopback:
        return "本机"
    place = "内网" if known.is_private else "网络"
    if known.version == 4:
        return f"{place} {'.'.join(address.split('.')[:2])}.*.*"
    return f"{place} {':'.join(known.exploded.split(':')[:2])}:*"
