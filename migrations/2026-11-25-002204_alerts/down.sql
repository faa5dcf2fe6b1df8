DROP TABLE alert_days, alerts, alert_rules;
