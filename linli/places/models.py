"""Where everything is.

The same for all: area codes and communities. Of one community: sub-area, grid, estate, building, entrance, dwelling.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from linli.core.tenancy import PLATFORM, TenantForeignKey, TenantModel

VALIDITY = Func(F("valid_from"), F("valid_to"), function="daterange", output_field=DateRangeField())
"""From the first day up to, not including, `valid_to`; open where that is NULL."""


class Area(models.Model):
    """区划: one name of an area code, while it was valid. Codes nest by prefix and are looked up, never joined on."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "区县"
        STREET = "street", "街道"
        COMMUNITY = "community", "社区"

    code = models.CharField("区划代码", max_length=12)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    name = models.CharField("名称", max_length=60)
    parent_code = models.CharField("上级代码", max_length=12, blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True)

    class Meta:
        verbose_name = "区划"
        constraints = (models.UniqueConstraint(fields=["code", "valid_from"], name="area_once_a_day"),)
        indexes = (models.Index(fields=["parent_code", "code"], name="area_children"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Community(models.Model):
    """社区: the tenant. Its id is ours and never changes; the area code does, every few years (`CommunityCode`)."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField("名称", max_length=60)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "社区"

    def __str__(self) -> str:
        return self.name

    @property
    def is_platform(self) -> bool:
        return self.id == PLATFORM


class CommunityCode(models.Model):
    """社区代码: the twelve digits a community had from a day on. No two communities hold one code at once."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="codes", verbose_name="社区")
    code = models.CharField("区划代码", max_length=12)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True)

    class Meta:
        verbose_name = "社区代码"
        constraints = (
            ExclusionConstraint(
                name="community_code_held_once",
                expressions=[("code", RangeOperators.EQUAL), (VALIDITY, RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="community_one_code_at_once",
                expressions=[("community", RangeOperators.EQUAL), (VALIDITY, RangeOperators.OVERLAPS)],
            ),
        )

    def __str__(self) -> str:
        return self.code


class SubArea(TenantModel):
    """片区: a specialist's patch. Routing, duty and the party's general branches hang on it; grids nest in it."""

    code = models.CharField("编号", max_length=16)
    name = models.CharField("名称", max_length=40)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta(TenantModel.Meta):
        verbose_name = "片区"
        constraints = (models.UniqueConstraint(fields=["community", "code"], name="sub_area_code"),)

    def __str__(self) -> str:
        return self.name


class Grid(TenantModel):
    """网格: a grid worker's part of a sub-area. The code is the community's own: no national one goes this far down."""

    sub_area = TenantForeignKey(SubArea, models.PROTECT, related_name="grids", verbose_name="片区")
    code = models.CharField("编号", max_length=16)
    name = models.CharField("名称", max_length=40)

    class Meta(TenantModel.Meta):
        verbose_name = "网格"
        constraints = (models.UniqueConstraint(fields=["community", "code"], name="grid_code"),)

    def __str__(self) -> str:
        return self.name


class Estate(TenantModel):
    """小区: buildings that were built and are managed together."""

    name = models.CharField("名称", max_length=40)
    built_year = models.PositiveSmallIntegerField("建成年份", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "小区"
        constraints = (models.UniqueConstraint(fields=["community", "name"], name="estate_name"),)

    def __str__(self) -> str:
        return self.name


class Building(TenantModel):
    """楼栋: `number` is what people say (48 of 48幢), once in an estate; two estates may both have a 48."""

    estate = TenantForeignKey(Estate, models.PROTECT, related_name="buildings", verbose_name="小区")
    grid = TenantForeignKey(Grid, models.PROTECT, related_name="buildings", verbose_name="网格")
    number = models.PositiveSmallIntegerField("幢号")
    name = models.CharField("名称", max_length=40)
    footprint = models.JSONField("轮廓", null=True)  # GeoJSON Polygon, WGS-84, outer ring first
    floors = models.PositiveSmallIntegerField("地上层数", default=1)
    built_year = models.PositiveSmallIntegerField("建成年份", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "楼栋"
        constraints = (models.UniqueConstraint(fields=["community", "estate", "number"], name="building_number"),)
        indexes = (models.Index(fields=["community", "number"], name="building_by_number"),)

    def __str__(self) -> str:
        return self.name


class Entrance(TenantModel):
    """单元: a stairwell of a building."""

    building = TenantForeignKey(Building, models.PROTECT, related_name="entrances", verbose_name="楼栋")
    number = models.PositiveSmallIntegerField("单元号")

    class Meta(TenantModel.Meta):
        verbose_name = "单元"
        constraints = (models.UniqueConstraint(fields=["community", "building", "number"], name="entrance_number"),)

    def __str__(self) -> str:
        return f"{self.number}单元"


class Dwelling(TenantModel):
    """房屋: one door. `door` is the short form people type, building-entrance-room: 48-2-301."""

    entrance = TenantForeignKey(Entrance, models.PROTECT, related_name="dwellings", verbose_name="单元")
    floor = models.SmallIntegerField("楼层")
    room = models.CharField("房号", max_length=12)
    door = models.CharField("门牌", max_length=24)
    area_dm2 = models.PositiveIntegerField("建筑面积（平方分米）", null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "房屋"
        constraints = (
            models.UniqueConstraint(fields=["community", "entrance", "room"], name="dwelling_room"),
            models.CheckConstraint(condition=~Q(room=""), name="dwelling_has_room"),
        )
        indexes = (models.Index(fields=["community", "door"], name="dwelling_by_door"),)

    def __str__(self) -> str:
        return self.door
