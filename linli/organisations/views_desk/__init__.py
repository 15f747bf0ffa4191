"""The desk's organisations: the list and one of them (`organisations`), the five lists with venues and projects (`lists`)."""
