package handlers

import "github.com/labstack/echo/v4"

// intakeRoutes are the pages of registering requests and of the files that come with them.
func (s *server) intakeRoutes(desk *echo.Group) {}
