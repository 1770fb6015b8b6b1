package handlers

import "github.com/labstack/echo/v4"

// dashboardRoutes are the pages of numbers.
func (s *server) dashboardRoutes(desk *echo.Group) {}
