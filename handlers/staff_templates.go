package handlers

import "github.com/labstack/echo/v4"

// templateRoutes are the pages of letter templates.
func (s *server) templateRoutes(desk *echo.Group) {}
