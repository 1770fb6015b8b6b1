package handlers

import "github.com/labstack/echo/v4"

// alertRoutes are the pages of what somebody is told of.
func (s *server) alertRoutes(desk *echo.Group) {}
