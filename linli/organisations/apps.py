from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "linli.organisations"
    label = "organisations"
    verbose_name = "组织"

    def ready(self) -> None:
        from linli.core import trail

        trail.verbs(
            {
                "party_branch.added": "成立党组织",  # written before all organisations were one register
                "party_branch.secretary_appointed": "任命书记",
                "organisation.added": "登记组织",
                "organisation.changed": "更正组织信息",
                "organisation.confirmed": "核实组织",
                "organisation.ended": "登记组织停止活动",
                "organisation_post.given": "登记任职",
                "organisation_post.ended": "登记离任",
                "organisation_post.revealed": "查看联系电话",
                "organisation_place.added": "登记服务范围",
                "organisation_place.ended": "结束服务范围",
                "organisation_term.started": "登记届期或合同期",
                "venue.added": "登记活动阵地",
                "venue.changed": "更正活动阵地",
                "venue.confirmed": "核实活动阵地",
                "venue.ended": "活动阵地停用",
                "project.added": "登记品牌项目",
                "project.changed": "更正品牌项目",
                "project.confirmed": "核实品牌项目",
                "project.ended": "品牌项目结束",
                "five_lists.exported": "导出五张清单",
            }
        )
