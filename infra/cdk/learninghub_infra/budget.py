"""A budget whose alarms are the drawing's range and what the parts really come to."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from learninghub_infra.config import EnvConfig


class Budget(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig) -> None:
        super().__init__(scope, name)
        mail = [budgets.CfnBudget.SubscriberProperty(address=config.alarm_mail, subscription_type="EMAIL")]
        low, high = config.drawn_costs
        thresholds = [
            ("ACTUAL", low, "ABSOLUTE_VALUE"),
            ("ACTUAL", high, "ABSOLUTE_VALUE"),
            ("FORECASTED", 100, "PERCENTAGE"),
        ]
        budgets.CfnBudget(
            self,
            "Monthly",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name="learninghub",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=config.monthly_budget, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=threshold,
                        threshold_type=unit,
                    ),
                    subscribers=mail,
                )
                for kind, threshold, unit in thresholds
            ],
        )
