"""Information reports 信息报告: what informants and patrols see and report, verified, passed on, answered."""
